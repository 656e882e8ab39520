//go:build real

package syslog

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/outputs"
)

// portion is how many changes the agent offers at a time.
const portion = 10_000

// campaign sends events in portions to a receiver that is killed meanwhile, and
// offers again what was not accepted, as the agent does.
type campaign struct {
	t        *testing.T
	receiver *daemon
	output   outputs.Output
	changes  []outputs.Change
	// troubled are the portions that were on their way during a kill.
	troubled map[int]bool
	attempts int
}

// run kills the receiver with SIGKILL after a share of each portion.
func (c *campaign) run() {
	c.t.Helper()
	c.troubled = map[int]bool{}
	for i := range len(c.changes) / portion {
		// Later in each portion, from its very start to after its end.
		killAt := i * portion * 12 / 100
		for once := true; ; once = false {
			c.attempts++
			if err := c.offer(i, killAt, once); err == nil {
				break
			} else if !once {
				c.t.Fatalf("portion %d, the second time: %v", i, err)
			}
		}
	}
}

// offer delivers one portion, and kills the receiver when so many changes of it
// were taken from the sequence. The receiver is started again after it.
func (c *campaign) offer(i, killAt int, kill bool) error {
	c.t.Helper()
	part := c.changes[i*portion : (i+1)*portion]
	killed := make(chan struct{})
	_, err := c.output.Deliver(c.t.Context(), outputs.Delivery{Now: now, Changes: func(yield func(outputs.Change, error) bool) {
		for n, change := range part {
			if kill && n == killAt {
				c.troubled[i] = true
				go func() {
					defer close(killed)
					c.receiver.kill()
				}()
			}
			if !yield(change, nil) {
				return
			}
		}
	}})
	if c.troubled[i] && kill {
		<-killed
		c.receiver.start()
	}
	return err
}

// stored returns the portions that events are missing of, and how many, and
// checks that what came twice is the same.
func (c *campaign) stored() (missing map[int]int, twice int) {
	c.t.Helper()
	seen := map[string]message{}
	for _, event := range c.receiver.events(1) {
		id := event.value("id")
		if before, again := seen[id]; again {
			twice++
			if diff := gocmp.Diff(before.Params, event.Params); diff != "" {
				c.t.Fatalf("two events with the id %s differ:\n%s", id, diff)
			}
		}
		seen[id] = event
	}
	missing = map[int]int{}
	for i, change := range c.changes {
		if _, ok := seen[eventID("plant-07", &change)]; !ok {
			missing[i/portion]++
		}
	}
	return missing, twice
}

func TestRsyslogKilledAmongAHundredThousandEvents(t *testing.T) {
	for _, tt := range []struct {
		name, inputs string
		settings     func(*Settings)
		lossless     bool
	}{
		{"RELP", imrelp, overRELP, true},
		{"TCP", imtcp, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRsyslog(t, tt.inputs)
			c := campaign{t: t, receiver: r, output: open(t, r.address(), tt.settings), changes: many(100_000)}
			start := time.Now()
			c.run()
			r.stop()
			missing, twice := c.stored()
			t.Logf("%d portions were offered %d times in %s: %d events came twice, missing by portion: %v",
				len(c.changes)/portion, c.attempts, time.Since(start).Round(time.Millisecond), twice, missing)
			for i, n := range missing {
				if tt.lossless || !c.troubled[i] {
					t.Errorf("%d events of portion %d are lost", n, i)
				}
			}
		})
	}
}
