// Package outputs is the contract of the outputs: plugins that keep one tool up
// to date with a view of the indicators, one folder each.
package outputs

import (
	"context"
	"iter"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
)

// Output keeps one tool up to date.
type Output interface {
	// Deliver brings the tool to the state that d describes. A plugin ranges
	// over d.Changes when its tool takes changes, or over d.All when its tool
	// takes whole lists; the one that it ranges over is what it answers for.
	//
	// A nil error says that the tool has accepted everything offered. A
	// [PartialError] names the keys that it refused. Any other error says that
	// nothing is known: everything will be offered again. So Deliver is
	// idempotent: what arrives twice changes nothing the second time.
	//
	// Deliver never sleeps and never logs a failure. It is not called again
	// before it has returned. When ctx ends it returns soon.
	Deliver(ctx context.Context, d Delivery) (Receipt, error)
}

// Delivery is what an output has to bring about.
type Delivery struct {
	// Now is the time at which the view was taken.
	Now time.Time
	// First is true for the first delivery after a start: the tool may have
	// changed while nobody looked.
	First bool
	// Changes yields what changed since the tool last accepted: bounded in
	// number, more in a later delivery. An error ends the sequence, and the
	// plugin returns it. A plugin may range over it again, as where its first
	// server failed: the last time is the one that it answers for.
	Changes iter.Seq2[Change, error]
	// All yields the whole view in the order of [indicator.Compare]. An error
	// ends the sequence, and the plugin returns it without touching the tool.
	All func(Detail) iter.Seq2[indicator.Entry, error]
}

// Detail says how much of each entry a plugin needs.
type Detail bool

// The two amounts of detail.
const (
	// KeysOnly gives each entry one assertion that merges what is asserted,
	// without Source, Revision and Object, and neither a sequence nor times of
	// its own beside that assertion's: much faster, and enough for a list.
	KeysOnly Detail = false
	// InFull gives everything the view may see.
	InFull Detail = true
)

// Change is one difference between the view and what the tool last accepted.
type Change struct {
	Op Op
	// Entry is the entry as the view has it. For [Remove] only its key and
	// sequence are set.
	Entry indicator.Entry
	// Reason says in one word why an entry leaves, such as "expired"; it is
	// empty for [Add] and [Update].
	Reason string
}

// Op is what happens to an entry.
type Op uint8

// The operations.
const (
	Add Op = iota + 1
	Update
	Remove
)

// String returns "add", "update" or "remove".
func (o Op) String() string {
	switch o {
	case Add:
		return "add"
	case Update:
		return "update"
	case Remove:
		return "remove"
	}
	return "op(?)"
}

// Receipt tells what the tool made of a delivery, for status and logs.
type Receipt struct {
	// Written counts what was sent or written now: 0 where the tool already
	// had everything.
	Written int
	// Held counts the entries the tool now holds, -1 where the plugin cannot
	// know.
	Held int
	// Skipped counts, by reason, what the tool's format cannot say.
	Skipped map[string]int
	// Trimmed counts those of Skipped for which there is no room in the tool: the
	// view is larger than what it can be.
	Trimmed int
	// Where names the place for a person: a path, an index, an address. It
	// holds no secret.
	Where string
}

// Verifier is an output that can read its tool back.
type Verifier interface {
	Verify(ctx context.Context, d Delivery) (Difference, error)
}

// Difference is what a tool holds against what it should.
type Difference struct {
	Wanted, Present         int
	Missing, Extra, Changed []indicator.Key
}

// Cleaner is a [Verifier] whose tool takes changes and may hold, of ours, what no
// change will ever take out of it: entries that a store has delivered which is no
// more. Clean takes out what Verify has found to be extra and the store knows
// nothing of. It is called by a repair, never while Deliver runs.
type Cleaner interface {
	Clean(ctx context.Context, extra []indicator.Key) error
}

// Refresher is an output that can tell its tool again what it holds already: a
// tool that forgets after a while, or a reader who wants to check a list that
// was built from changes. Refresh offers in d.All what the tool has accepted;
// d.Changes is empty. It is called on the schedule "refresh" of an output, never
// while Deliver runs. An error is told of, and the next time of the schedule is
// the next try: nothing is lost by a refresh that failed.
type Refresher interface {
	Refresh(ctx context.Context, d Delivery) (Receipt, error)
}

// Previewer is an output that can tell beforehand what its tool has no place for.
type Previewer interface {
	// Preview calls leave with each entry of d.All that the tool would be without
	// after a delivery of the view, and why. Neither the tool nor what the agent
	// keeps of it changes.
	Preview(ctx context.Context, d Delivery, leave func(k indicator.Key, reason string)) error
}

// Prober is an output that can try its tool without changing it: "check
// --online" uses it.
type Prober interface {
	// Probe returns one line that says what was found.
	Probe(ctx context.Context) (string, error)
}

// Closer is an output that holds something open. Close is called once, after
// the last Deliver has returned.
type Closer interface {
	Close() error
}

// Spec is what an output's folder exports.
type Spec = plugin.Spec[Output]

// Settings is an output's block of the configuration.
type Settings = plugin.Settings[Output]

// Refreshing is implemented by the settings of an output that is a [Refresher].
type Refreshing interface {
	// RefreshSchedule is the schedule of refreshes, in cron's notation, where the
	// configuration gives none; "" for never.
	RefreshSchedule() string
}

// Announcing is implemented by the settings of an output that is an [Announcer].
type Announcing interface {
	// Announces reports whether the tool takes notices with these settings.
	Announces() bool
}

// Narrow is implemented by the settings of an output whose tool has no place for
// some kinds. What the output was given of them counts as delivered and not as
// held.
type Narrow interface {
	// Kinds are the kinds that the tool can hold.
	Kinds() []indicator.Kind
}
