package elasticsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"time"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

// writer writes the documents of one delivery, in requests that are limited in
// bytes and in number. While one request is under way the next is made, and no
// more than that: a slow cluster slows the delivery down, and the memory stays.
type writer struct {
	*output
	tally
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
	// limit is the output's batchBytes, which a request under way may change.
	limit int
	// under holds what became of the request before, once that is known.
	under chan error
}

func (o *output) writer(d *outputs.Delivery) *writer {
	w := &writer{
		output: o, tally: tally{where: o.settings.Index}, now: d.Now, overtake: d.First,
		limit: o.batchBytes, under: make(chan error, 1),
	}
	w.under <- nil
	return w
}

// writeAll writes all the changes.
func (w *writer) writeAll(ctx context.Context, changes iter.Seq2[outputs.Change, error]) error {
	err := w.each(ctx, changes)
	if err == nil {
		err = w.flush(ctx)
	}
	// A request under way is waited for whatever has happened, and what became
	// of it goes before: it is what the rest was broken off for.
	if last := <-w.under; last != nil {
		err = last
	}
	return err
}

// each gathers the changes and sends what is gathered whenever it is enough.
func (w *writer) each(ctx context.Context, changes iter.Seq2[outputs.Change, error]) error {
	for change, err := range changes {
		if err != nil {
			return err
		}
		next, err := w.item(&change)
		if err != nil {
			return err
		}
		if w.size+next.size() > w.limit || len(w.batch) == w.settings.BatchEntries {
			if err := w.flush(ctx); err != nil {
				return err
			}
		}
		w.batch = append(w.batch, next)
		w.size += next.size()
	}
	return nil
}

// item makes the change into what a bulk request carries.
func (w *writer) item(c *outputs.Change) (item, error) {
	i := item{
		key:      c.Entry.Key,
		op:       c.Op,
		id:       ecs.DocumentID(w.site, c.Entry.Key),
		sequence: c.Entry.Sequence, unconditional: w.unconditional,
	}
	var err error
	if w.recording {
		if i.record, err = w.record(c); err != nil {
			return i, err
		}
	}
	if c.Op == outputs.Remove {
		return i, nil
	}
	doc := ecs.Document(w.site, &c.Entry, w.now)
	doc.Indicatord.Revision = revisionOf(c.Entry.Revision())
	if w.settings.Objects {
		doc.Indicatord.Objects = ecs.Objects(&c.Entry)
	}
	if i.body, err = json.Marshal(doc); err != nil {
		return i, fmt.Errorf("writing the document of %s: %w", c.Entry.Key, err)
	}
	return i, nil
}

// revisionOf writes a revision as documents have it: the numbers of an index end
// before those of a revision do.
func revisionOf(revision uint64) string { return strconv.FormatUint(revision, 16) }

// flush sends what is gathered, as soon as the request before has ended well.
func (w *writer) flush(ctx context.Context) error {
	before := <-w.under
	if before != nil || len(w.batch) == 0 {
		w.under <- before
		return before
	}
	w.limit = w.batchBytes
	batch := w.batch
	w.batch, w.size = make([]item, 0, len(batch)), 0
	go func() { w.under <- w.send(ctx, batch) }()
	return nil
}

// send sends the items, in as many requests as it takes: a request that is too
// large for the cluster is halved, and so are those that follow.
func (w *writer) send(ctx context.Context, items []item) error {
	if len(items) == 0 {
		return ctx.Err()
	}
	for i := range items {
		items[i].version = w.epoch.version(items[i].sequence)
	}
	results, err := w.cluster.bulk(ctx, target{name: w.settings.Index, alias: w.alias, outcomes: w.recording}, items)
	switch {
	case status(err) == http.StatusRequestEntityTooLarge && len(items) > 1:
		w.batchBytes = max(w.batchBytes/2, minBatchBytes)
		half := len(items) / 2
		if err := w.send(ctx, items[:half]); err != nil {
			return err
		}
		return w.send(ctx, items[half:])
	case status(err) == http.StatusRequestEntityTooLarge:
		w.refuse(items[0].key, "the document is larger than the cluster takes (http.max_content_length)", true)
		return nil
	case err != nil:
		return err
	}
	w.keepHistory(ctx, items, results)
	again, err := w.settle(items, results)
	if err != nil || len(again) == 0 {
		return err
	}
	return w.send(ctx, again)
}

// keepHistory writes what the index has accepted into the history. A failure of
// that is told and changes nothing else.
func (w *writer) keepHistory(ctx context.Context, items []item, results []result) {
	if !w.recording {
		return
	}
	w.history.remember(items, results, w.refill)
	w.writeHistory(ctx)
}

func (w *writer) writeHistory(ctx context.Context) {
	lost, err := w.history.write(ctx)
	w.lost += lost
	w.late = len(w.history.backlog)
	if err != nil {
		w.lateBecause = err
	}
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
		case indexGone:
			w.ready = false
			fallthrough
		case refused:
			w.refuse(items[i].key, reason(&results[i]), false)
			later++
		}
	}
	if later == len(items) {
		return nil, fmt.Errorf("the cluster took none of %d changes: %s", later, reason(&results[0]))
	}
	return w.renumber(behind), nil
}
