package elasticsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

// inFlight is how many requests are under way at once: with one alone the cluster
// would wait while its answer is read, and we while it works.
const inFlight = 2

// writer writes the documents of one delivery, in requests that are limited in
// bytes and in number. While as many as [inFlight] are under way the next is made,
// and no more than that: a slow cluster slows the delivery down, and the memory
// stays. No two items of a delivery are of the same document, so their order does
// not matter.
type writer struct {
	*output
	now time.Time
	// overtake is true where documents of a later version than ours have to be
	// replaced: they are of a store that is no more.
	overtake bool
	// unconditional is true where versions do not matter.
	unconditional bool
	// recording is true where the changes go into the history, and refill where
	// they are those of an index that was lost.
	recording, refill bool
	batch             []item
	size              int

	requests *errgroup.Group
	// failed ends when a request has failed for good.
	failed context.Context

	// mu guards what requests change while they are under way: the tally, and of
	// the output all but its settings.
	mu sync.Mutex
	tally
}

func (o *output) writer(d *outputs.Delivery) *writer {
	return &writer{output: o, tally: tally{where: o.settings.Index}, now: d.Now, overtake: d.First}
}

// deliver writes what has changed.
func (w *writer) deliver(ctx context.Context, d *outputs.Delivery) error {
	return w.writeAll(ctx, d.Changes)
}

// writeAll writes all the changes.
func (w *writer) writeAll(ctx context.Context, changes iter.Seq2[outputs.Change, error]) error {
	w.requests, w.failed = errgroup.WithContext(ctx)
	w.requests.SetLimit(inFlight)
	err := w.each(ctx, changes)
	if err == nil {
		err = w.flush(ctx)
	}
	// Requests under way are waited for whatever has happened, and what became
	// of them goes before: it is what the rest was broken off for.
	if last := w.requests.Wait(); last != nil {
		err = last
	}
	return err
}

// each gathers the changes and sends what is gathered whenever it is enough.
func (w *writer) each(ctx context.Context, changes iter.Seq2[outputs.Change, error]) error {
	limit := w.limit()
	for change, err := range changes {
		if err != nil {
			return err
		}
		next, err := w.item(&change)
		if err != nil {
			return err
		}
		if w.size+next.size() > limit || len(w.batch) == w.settings.BatchEntries {
			if err := w.flush(ctx); err != nil {
				return err
			}
			limit = w.limit()
		}
		w.batch = append(w.batch, next)
		w.size += next.size()
	}
	return nil
}

// item makes the change into what a bulk request carries.
func (w *writer) item(c *outputs.Change) (item, error) {
	i := item{key: c.Entry.Key, op: c.Op, sequence: c.Entry.Sequence, unconditional: w.unconditional}
	var err error
	if w.recording {
		if i.record, err = w.record(c); err != nil {
			return i, err
		}
	}
	if c.Op == outputs.Remove {
		i.id = ecs.DocumentID(w.site, c.Entry.Key)
		return i, nil
	}
	doc := ecs.Document(w.site, &c.Entry, w.now)
	doc.Indicatord.Revision = revisionOf(c.Entry.Revision())
	if w.settings.Objects {
		doc.Indicatord.Objects = ecs.Objects(&c.Entry)
	}
	i.id = doc.Indicatord.ID
	if i.body, err = json.Marshal(doc); err != nil {
		return i, fmt.Errorf("writing the document of %s: %w", c.Entry.Key, err)
	}
	return i, nil
}

// revisionOf writes a revision as documents have it: the numbers of an index end
// before those of a revision do.
func revisionOf(revision uint64) string { return strconv.FormatUint(revision, 16) }

// limit is the size of a request, which those under way may have made smaller.
func (w *writer) limit() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.batchBytes
}

// flush sends what is gathered, as soon as few enough requests are under way and
// unless one has failed.
func (w *writer) flush(ctx context.Context) error {
	if len(w.batch) == 0 {
		return nil
	}
	batch := w.batch
	w.batch, w.size = make([]item, 0, len(batch)), 0
	w.requests.Go(func() error {
		if w.failed.Err() != nil {
			return context.Cause(w.failed)
		}
		return w.send(ctx, batch)
	})
	return context.Cause(w.failed)
}

// send sends the items, in as many requests as it takes: a request that is too
// large for the cluster is halved, and so are those that follow.
func (w *writer) send(ctx context.Context, items []item) error {
	if len(items) == 0 {
		return ctx.Err()
	}
	w.number(items)
	results, err := w.cluster.bulk(ctx, target{name: w.settings.Index, alias: w.alias, outcomes: w.recording}, items)
	switch {
	case status(err) == http.StatusRequestEntityTooLarge && len(items) > 1:
		w.shrink(items)
		half := len(items) / 2
		if err := w.send(ctx, items[:half]); err != nil {
			return err
		}
		return w.send(ctx, items[half:])
	case status(err) == http.StatusRequestEntityTooLarge:
		w.mu.Lock()
		defer w.mu.Unlock()
		w.refuse(items[0].key, "the document is larger than the cluster takes (http.max_content_length)", true)
		return nil
	case err != nil:
		return err
	}
	again, err := w.conclude(ctx, items, results)
	if err != nil || len(again) == 0 {
		return err
	}
	return w.send(ctx, again)
}

// number gives the items the versions that they have now.
func (w *writer) number(items []item) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range items {
		items[i].version = w.epoch.version(items[i].sequence)
	}
}

// shrink makes requests smaller from now on: one of these items was too large.
// Of two that were under way the second one says nothing new.
func (w *writer) shrink(items []item) {
	size := 0
	for i := range items {
		size += items[i].size()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.batchBytes = max(min(w.batchBytes, size/2), minBatchBytes)
}

// conclude takes in what became of the items, one request at a time.
func (w *writer) conclude(ctx context.Context, items []item, results []result) (again []item, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keepHistory(ctx, items, results)
	return w.settle(items, results)
}

// keepHistory writes what the index has accepted into the history. What the
// history does not take is offered again: the index has it, and waits for nothing.
// After a failure the history is left alone until the next delivery, so that it
// slows down none of the requests that follow.
func (w *writer) keepHistory(ctx context.Context, items []item, results []result) {
	if !w.recording {
		return
	}
	due := w.history.remember(items, results, w.refill)
	if w.lateBecause == nil {
		w.writeHistory(ctx, due)
	}
	why := w.late()
	for _, i := range due {
		w.refusals = append(w.refusals, outputs.Refusal{Key: items[i].key, Reason: why, Doubtful: true})
	}
}

// writeHistory writes what waits for it, and takes out of due what it has written.
func (w *writer) writeHistory(ctx context.Context, due map[string]int) {
	done, err := w.history.write(ctx)
	for _, id := range done.done {
		delete(due, id)
	}
	w.lose(done.lost, done.lostBecause)
	w.lateBecause = err
}

// catchUp writes the records of earlier deliveries that no later one has offered
// again, since their entries have changed once more.
func (w *writer) catchUp(ctx context.Context) {
	if !w.recording {
		return
	}
	if w.lateBecause == nil && len(w.history.backlog) > 0 {
		w.writeHistory(ctx, nil)
	}
	w.waiting = max(0, len(w.history.backlog)-len(w.refusals))
}

// settle adds the results to the tally, and returns the items that have a later
// version now than the one that the cluster did not take. Where the cluster took
// none of the items and might take them later, that is an error: it is not about
// entries, and there is no use in going on.
func (w *writer) settle(items []item, results []result) ([]item, error) {
	var behind []conflict
	later := 0
	for i := range items {
		switch judge(&items[i], &results[i]) {
		case accepted:
			w.written++
		case outdated:
			behind = append(behind, conflictOf(&items[i], &results[i]))
		case unfit:
			w.refuse(items[i].key, reason(&results[i]), true)
		case forbidden:
			return nil, plugin.Permanent(fmt.Errorf("the account may not write to the index (it needs the index privileges index and delete): %s", reason(&results[i])))
		case indexGone, refused:
			w.refuse(items[i].key, reason(&results[i]), false)
			later++
		}
	}
	if later == len(items) {
		return nil, fmt.Errorf("the cluster took none of %d changes: %s", later, reason(&results[0]))
	}
	return w.renumber(behind), nil
}
