package agent

import (
	"math/rand/v2"
	"time"

	"github.com/indicatord/indicatord/internal/plugin"
)

// backoff spaces the retries after failures. It is for one goroutine.
type backoff struct {
	first, most time.Duration
	failures    int
}

// Retries of a pull go easy on the hub; those of a delivery are on site.
func pullBackoff() backoff     { return backoff{first: 30 * time.Second, most: 30 * time.Minute} }
func deliveryBackoff() backoff { return backoff{first: 2 * time.Second, most: 5 * time.Minute} }

// next returns how long to wait after err. A permanent error waits longest at
// once: a person has to act, and may do so without telling the agent. What the
// other side asked for is the least.
func (b *backoff) next(err error) time.Duration {
	b.failures++
	wait := b.most
	if shift := b.failures - 1; shift < 20 && !plugin.IsPermanent(err) {
		wait = min(b.most, b.first<<shift)
	}
	wait = wait*3/4 + rand.N(wait/2)
	return max(wait, plugin.RetryAfter(err))
}

func (b *backoff) reset() { b.failures = 0 }
