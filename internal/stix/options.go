package stix

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix/pattern"
)

// DerivationVersion rises with every change of [Derive] that gives other keys
// or assertions for the same object and options.
const DerivationVersion = 5

// Options say what [Derive] makes of an object. The zero value is the defaults.
// Options may be used by any number of goroutines at once.
type Options struct {
	// Lifetime bounds how long an assertion about a kind holds, counted from
	// the later of modified and valid_from. It is the default where the hub
	// gives no end, and a ceiling where the hub gives a later one. A kind that
	// is not in the map has no bound.
	Lifetime map[indicator.Kind]time.Duration
	// Now is the time of reading. It bounds the time from which a lifetime is
	// counted: a modified that lies ahead counts as now. A valid_from that lies
	// ahead is no such case, because the assertion does not hold before it. The
	// zero value sets no bound. It is no part of the fingerprint.
	Now time.Time
	// UnmarkedTLP is the level of an object without markings; the zero value
	// means red.
	UnmarkedTLP indicator.TLP
	// BareDomain is the scope of a domain that does not say its own.
	BareDomain indicator.Scope
	// Pattern bounds the patterns that are read.
	Pattern pattern.Options
	// Reduction says which keys may stand for a pattern, and which values are
	// taken.
	Reduction pattern.Reduction
	// UnknownTLP is the level of a marking that nobody has defined; the zero
	// value means red.
	UnknownTLP indicator.TLP
	// Markings resolves the id of a marking definition that is not one of the
	// TLP's own. It returns [indicator.TLPUnmarked] and true for a marking that
	// is no TLP level, and false for one it does not know. Nil knows none. It is
	// no part of the fingerprint: what was derived without a marking is told by
	// [Derived.Unresolved].
	Markings func(id string) (indicator.TLP, bool)
}

// Fingerprint identifies the derivation: its version and every setting. Where
// two fingerprints are equal, [Derive] gives the same for the same object, but
// for what Markings resolves and what Now bounds.
func (o Options) Fingerprint() string {
	h := sha256.New()
	fmt.Fprintf(h, "version %d\n", DerivationVersion)
	for _, kind := range slices.Sorted(maps.Keys(o.Lifetime)) {
		fmt.Fprintf(h, "lifetime %v %d\n", kind, o.Lifetime[kind])
	}
	fmt.Fprintf(h, "unmarked %v\nunknown %v\nbare domain %v\n", o.unmarked(), o.unknown(), o.BareDomain)
	fmt.Fprintf(h, "pattern %+v\nreduction %+v\n", o.Pattern, o.Reduction)
	return hex.EncodeToString(h.Sum(nil)[:16])
}
