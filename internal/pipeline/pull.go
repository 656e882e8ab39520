package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix"
	"github.com/indicatord/indicatord/internal/stix/pattern"
	"github.com/indicatord/indicatord/internal/store"
)

// Puller brings one source into the store. Its methods are for one goroutine at
// a time.
type Puller struct {
	// Source is the connector's name.
	Source    string
	Connector connectors.Connector
	Store     *store.Store
	// Options say how objects become assertions.
	Options stix.Options
	// MostWithdrawn says how many of the live objects a full pull may withdraw.
	MostWithdrawn func(live int) int
	// Stored is called after each batch that changed an entry; nil for nobody.
	Stored func()
	Log    *slog.Logger
	// Now is the clock.
	Now func() time.Time

	// stale is set from when stored objects have become stale until they are
	// derived again.
	stale bool
}

// PullCounts is what one pull has brought.
type PullCounts struct {
	Full    bool `json:"full,omitempty"`
	Pages   int  `json:"pages"`
	Objects int  `json:"objects"`
	// Lenient counts the objects that were read although their pattern is not by
	// the letter.
	Lenient pattern.LeniencyCounts `json:"lenient,omitzero"`
	store.Applied
}

// Pull makes one pull: pages are fetched, read and stored at the same time, a
// bounded number of bytes apart. What was stored before an error stays, with a
// cursor that is true. A full pull ends by withdrawing what it has not brought;
// nothing is ever withdrawn after an error.
//
// What the pull has told of objects that were stored before, such as the name of
// what they indicate, is brought into them at its end, whether it failed or not.
func (p *Puller) Pull(ctx context.Context, full bool) (PullCounts, error) {
	counts, err := p.pull(ctx, full)
	p.stale = p.stale || counts.Stale > 0
	if !p.stale {
		return counts, err
	}
	again, deriving := p.DeriveAgain(ctx)
	p.stale = deriving != nil
	counts.EntriesNew += again.EntriesNew
	counts.EntriesChange += again.EntriesChange
	return counts, errors.Join(err, deriving)
}

func (p *Puller) pull(ctx context.Context, full bool) (PullCounts, error) {
	cursor, err := p.Store.Cursor(ctx, p.Source)
	if err != nil {
		return PullCounts{}, err
	}
	markings, err := p.Store.Markings(ctx, p.Source)
	if err != nil {
		return PullCounts{}, err
	}
	run := &pull{Puller: p, queue: newQueue(maxQueued), progress: newProgress(p), counts: PullCounts{Full: full},
		withdrawn: make(map[string]bool), markings: markings}
	if full {
		if run.presence, err = p.Store.NewPresence(ctx, p.Source); err != nil {
			return PullCounts{}, err
		}
	}
	err = run.stream(ctx, connectors.State{Cursor: cursor, Full: full})
	switch {
	case err == nil && full:
		err = run.reconcile(ctx)
	case err == nil:
		err = run.noteFirst(ctx)
	}
	return run.counts, err
}

// pull is one run of a Puller. The fetching goroutine owns nothing of it but
// the queue, the reading one presence, withdrawn, markings and its own counts,
// the storing one the rest.
type pull struct {
	*Puller
	queue    *queue
	presence *store.Presence
	progress *progress
	complete bool
	// withdrawn are the ids that pages of this pull have taken back: whether
	// what a later page says of them is news, only the store can tell.
	withdrawn map[string]bool
	// markings are the levels of the marking definitions that the source has sent.
	markings map[string]indicator.TLP

	lenient        pattern.LeniencyCounts
	pages, objects int           // of the reading goroutine
	skipped        store.Applied // what it did not hand on, and why
	counts         PullCounts
}

// stream runs the three stages. A failed fetch lets the pages before it be
// stored; a failed store ends the fetch.
func (r *pull) stream(ctx context.Context, from connectors.State) error {
	batches := make(chan store.Batch, 1)
	group, working := errgroup.WithContext(ctx)
	var fetched error
	group.Go(func() error {
		defer r.queue.close()
		fetched = r.Connector.Fetch(working, from, r.queue.put)
		return nil
	})
	group.Go(func() error {
		defer close(batches)
		return r.read(working, batches)
	})
	group.Go(func() error {
		return r.store(working, batches)
	})
	err := group.Wait()
	r.counts.Pages, r.counts.Objects, r.counts.Lenient = r.pages, r.objects, r.lenient
	r.counts.Add(r.skipped)
	if err == nil {
		err = fetched // where the store failed, the fetch only ended with it
	}
	return err
}

func (r *pull) store(ctx context.Context, batches <-chan store.Batch) error {
	for batch := range batches {
		applied, err := r.Store.Apply(ctx, batch)
		if err != nil {
			return err
		}
		r.counts.Add(applied)
		if applied.Changed() && r.Stored != nil {
			r.Stored()
		}
	}
	return nil
}

// noteFirst notes the end of the first pull of all, which has brought everything
// without being a full one.
func (r *pull) noteFirst(ctx context.Context) error {
	complete, err := r.Store.LastComplete(ctx, r.Source)
	if err != nil || !complete.IsZero() {
		return err
	}
	return r.Store.SetComplete(ctx, r.Source, r.Now())
}

// reconcile withdraws what a complete full pull has not brought.
func (r *pull) reconcile(ctx context.Context) error {
	if !r.complete {
		return fmt.Errorf("the full pull of %s ended without saying that it was complete: nothing was withdrawn", r.Source)
	}
	applied, err := r.withdraw(ctx)
	r.counts.Add(applied)
	if applied.Changed() && r.Stored != nil {
		r.Stored()
	}
	if err != nil {
		return err
	}
	return r.Store.SetComplete(ctx, r.Source, r.Now())
}
