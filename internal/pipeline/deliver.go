package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/policy/guard"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
)

// changesAtOnce bounds one delivery of changes. The ledger moves after each.
const changesAtOnce = 10_000

// Deliverer brings one output to its view of the store. Its methods are for one
// goroutine at a time.
type Deliverer struct {
	// Name is the output's name.
	Name   string
	Output outputs.Output
	Policy policy.Policy
	Store  *store.Store
	// HoldEmpty keeps an empty view from the tool while a connector that the
	// policy may see has never completed a pull: nothing is known yet, which is
	// not the same as that there is nothing. See [EmptyError].
	HoldEmpty bool
	// Budget bounds what one delivery may change unasked. See [HeldError].
	Budget Budget
	// Guard returns what must not be blocked now, for Policy; nil leaves that of
	// Policy.
	Guard func(context.Context) (*guard.Set, error)
	// Mode says which changes may be made at a time; nil allows every one.
	Mode func(time.Time) Mode
	// Now is the clock.
	Now func() time.Time

	// delivered is false until the tool has accepted something from this
	// process: before, it is asked even where nothing changed.
	delivered bool
}

// StartOver makes the next delivery a first one again: another agent may have
// delivered to the tool meanwhile.
func (d *Deliverer) StartOver() { d.delivered = false }

// DeliveryCounts is what one delivery has brought about.
type DeliveryCounts struct {
	Added   int `json:"added"`
	Updated int `json:"updated"`
	Removed int `json:"removed"`
	// Refused counts the entries that the tool refused for good, Pending those
	// that it will be offered again.
	Refused int `json:"refused,omitempty"`
	Pending int `json:"pending,omitempty"`
	// Held counts what the tool says it holds, -1 where it cannot know.
	Held    int            `json:"held"`
	Written int            `json:"written"`
	Skipped map[string]int `json:"skipped,omitempty"`
	// Trimmed counts those of Skipped for which there is no room.
	Trimmed int    `json:"trimmed,omitempty"`
	Where   string `json:"where,omitempty"`
	// Mode says which changes could be made, "" for every one.
	Mode string `json:"mode,omitempty"`
}

// Changed reports whether the tool holds anything else than before.
func (c *DeliveryCounts) Changed() bool { return c.Added+c.Updated+c.Removed > 0 }

// Deliver makes the differences between the output's view and its ledger, hands
// them to the output in bounded portions, and moves the ledger by what the tool
// accepted. The output's sequence moves only when nothing is left. After an
// error everything that was not accepted is offered again.
//
// A change beyond the budget is kept from the tool, and the error is a
// [HeldError]; what the site itself has ordered is made all the same.
func (d *Deliverer) Deliver(ctx context.Context) (DeliveryCounts, error) {
	round, err := d.begin(ctx)
	if err != nil {
		return DeliveryCounts{}, err
	}
	if err := round.hold(ctx); err != nil {
		return round.counts, err
	}
	held := round.restrain(ctx)
	if held != nil && !errors.As(held, new(*HeldError)) {
		return round.counts, held
	}
	if err = round.deliver(ctx); err == nil {
		err = round.finish(ctx)
	}
	err = errors.Join(err, round.audit(ctx))
	if err == nil {
		err = held
	}
	return round.counts, err
}

// restrain finds out which changes may be made now, and returns a [HeldError]
// where the budget is what stands against the others.
func (r *round) restrain(ctx context.Context) error {
	if r.Deliverer.Mode != nil {
		r.mode = r.Deliverer.Mode(r.now)
	}
	var err error
	if r.mode == Everything {
		if err = r.judge(ctx); err != nil {
			r.mode = OwnOnly
		}
	}
	if r.mode != Everything {
		r.counts.Mode = r.mode.String()
	}
	return err
}

// round is one Deliver.
type round struct {
	*Deliverer
	now         time.Time
	from        store.Progress
	until       uint64
	fingerprint string
	mode        Mode
	approved    bool // somebody has approved a change beyond the budget
	counts      DeliveryCounts
	// refused is the first answer of the tool that left entries to be offered
	// again.
	refused error
	// listed is set where those may be entries that have not changed.
	listed bool
}

func (d *Deliverer) begin(ctx context.Context) (*round, error) {
	now := d.Now()
	if d.Guard != nil {
		set, err := d.Guard(ctx)
		if err != nil {
			return nil, err
		}
		d.Policy.Guard = set
	}
	if _, err := d.Store.DoubtOffer(ctx, d.Name, now); err != nil {
		return nil, err
	}
	fingerprint := d.Policy.Fingerprint(now)
	from, err := d.Store.Progress(ctx, d.Name)
	if err == nil && from.Policy != fingerprint {
		from, err = d.beginView(ctx, from, fingerprint)
	}
	if err != nil {
		return nil, err
	}
	until, err := d.Store.Sequence(ctx)
	if err != nil {
		return nil, err
	}
	return &round{Deliverer: d, now: now, from: from, until: until, fingerprint: fingerprint, counts: DeliveryCounts{Held: -1}}, nil
}

// A view that was begun is not delivered yet: its name is the fingerprint with
// this before it. What was begun where the ledger may hold entries of another
// view has no name but mixed, until one view is delivered whole.
const (
	begun = "begun:"
	mixed = "mixed"
)

// beginView notes that the ledger will hold entries of another view from now on:
// should this delivery not come to its end, the next compares everything, under
// whatever policy.
func (d *Deliverer) beginView(ctx context.Context, from store.Progress, fingerprint string) (store.Progress, error) {
	was := from.Policy
	from.Policy = mixed
	if was == "" || was == begun+fingerprint {
		from.Policy = begun + fingerprint
	}
	if from.Policy == was {
		return from, nil
	}
	return from, d.Store.Advance(ctx, d.Name, from)
}

// whole reports whether every entry has to be compared with the ledger: the
// view itself has changed, not only what is in it.
func (r *round) whole() bool { return r.from.Policy != r.fingerprint }

func (r *round) deliver(ctx context.Context) error {
	portion := make([]int64, 0, changesAtOnce)
	for id, err := range r.different(ctx) {
		if err != nil {
			return err
		}
		if portion = append(portion, id); len(portion) < changesAtOnce {
			continue
		}
		done, err := r.offer(ctx, portion)
		if err != nil || done {
			return err
		}
		portion = portion[:0]
	}
	if len(portion) == 0 && (r.delivered || r.counts.Changed()) {
		return nil
	}
	_, err := r.offer(ctx, portion)
	return err
}

// offer hands one portion of changes to the output. It returns true when the
// output took the whole view instead: then there is nothing more to offer.
func (r *round) offer(ctx context.Context, ids []int64) (whole bool, err error) {
	o := &offering{round: r, ids: ids}
	receipt, err := r.Output.Deliver(ctx, outputs.Delivery{
		Now: r.now, First: !r.delivered, Changes: o.changes(ctx), All: o.all(ctx),
	})
	var partial *outputs.PartialError
	if err != nil && !errors.As(err, &partial) {
		return false, errors.Join(err, o.doubt(ctx))
	}
	r.countReceipt(receipt)
	if err := o.record(ctx, partial); err != nil {
		return false, err
	}
	if r.counts.Pending > 0 && r.refused == nil {
		r.refused = err
	}
	r.delivered = true
	return o.whole, nil
}

func (r *round) countReceipt(receipt outputs.Receipt) {
	r.counts.Written += receipt.Written
	r.counts.Held = receipt.Held
	r.counts.Where = receipt.Where
	r.counts.Trimmed += receipt.Trimmed
	for reason, n := range receipt.Skipped {
		if r.counts.Skipped == nil {
			r.counts.Skipped = make(map[string]int)
		}
		r.counts.Skipped[reason] += n
	}
}

// finish moves the output's sequence, unless entries are left to be offered
// again.
func (r *round) finish(ctx context.Context) error {
	if r.counts.Pending > 0 {
		err := fmt.Errorf("the tool accepted all but %d entries, which are offered again: %w", r.counts.Pending, r.refused)
		return errors.Join(err, r.compareAgain(ctx))
	}
	if r.mode != Everything {
		return nil // what was left out is found again
	}
	if r.approved {
		if err := r.Store.Release(ctx, r.Name); err != nil {
			return err
		}
	}
	if r.until == r.from.Sequence && !r.whole() && !r.counts.Changed() {
		if loaded, err := r.loaded(ctx); err != nil || !loaded {
			return err
		}
	}
	return r.Store.Advance(ctx, r.Name, store.Progress{Sequence: r.until, Policy: r.fingerprint, Delivered: r.now})
}

// compareAgain makes the next delivery compare everything, where what has to be
// offered again would not be found among the changes.
func (r *round) compareAgain(ctx context.Context) error {
	if !r.listed || r.whole() {
		return nil
	}
	again := r.from
	again.Policy = mixed
	return r.Store.Advance(ctx, r.Name, again)
}
