package elasticsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

var (
	_ outputs.Output = (*output)(nil)
	_ outputs.Prober = (*output)(nil)
	_ outputs.Closer = (*output)(nil)
)

type output struct {
	settings Settings
	site     string
	cluster  *cluster
	// ready is true once the index was seen to be as it should.
	ready bool
	// empty is true from when the index was made until a delivery has filled it.
	empty bool
	// batchBytes is the setting, or less where the cluster takes less.
	batchBytes int
}

// Deliver writes a document for each entry that was added or updated, and
// deletes those of entries that were removed. An index that had to be made is
// filled with the whole view, whatever it held before somebody deleted it.
func (o *output) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	t := tally{where: o.settings.Index}
	if err := o.prepare(ctx, d.First); err != nil {
		return t.receipt(), err
	}
	changes := d.Changes
	if o.empty {
		changes = additions(d.All(outputs.InFull))
	}
	if err := o.sendAll(ctx, changes, d.Now, &t); err != nil {
		return t.receipt(), err
	}
	o.empty = false
	return t.receipt(), t.partial()
}

// prepare sees to the index, once in the life of the output, and again where
// somebody may have changed it.
func (o *output) prepare(ctx context.Context, first bool) error {
	if o.ready && !first {
		return nil
	}
	made, err := o.cluster.ensureSchema(ctx, o.settings.Index)
	if err != nil {
		return fmt.Errorf("preparing Elasticsearch: %w", err)
	}
	o.ready = true
	o.empty = o.empty || made
	return nil
}

// additions makes a view into the changes that bring it about in an empty index.
func additions(view iter.Seq2[indicator.Entry, error]) iter.Seq2[outputs.Change, error] {
	return func(yield func(outputs.Change, error) bool) {
		for e, err := range view {
			if !yield(outputs.Change{Op: outputs.Add, Entry: e}, err) {
				return
			}
		}
	}
}

// sendAll sends the changes in batches that are limited in bytes and in number.
func (o *output) sendAll(ctx context.Context, changes iter.Seq2[outputs.Change, error], now time.Time, t *tally) error {
	var batch []item
	size := 0
	for change, err := range changes {
		if err != nil {
			return err
		}
		next, err := o.item(&change, now)
		if err != nil {
			return err
		}
		if size+next.size() > o.batchBytes || len(batch) == o.settings.BatchEntries {
			if err := o.send(ctx, batch, t); err != nil {
				return o.failed(err)
			}
			batch, size = batch[:0], 0
		}
		batch = append(batch, next)
		size += next.size()
	}
	if err := o.send(ctx, batch, t); err != nil {
		return o.failed(err)
	}
	return nil
}

// item makes the change into what a bulk request carries.
func (o *output) item(c *outputs.Change, now time.Time) (item, error) {
	i := item{
		key:     c.Entry.Key,
		op:      c.Op,
		id:      ecs.DocumentID(o.site, c.Entry.Key),
		version: int64(c.Entry.Sequence),
	}
	if c.Op == outputs.Remove {
		return i, nil
	}
	var err error
	i.body, err = json.Marshal(ecs.Document(o.site, &c.Entry, now))
	if err != nil {
		return i, fmt.Errorf("writing the document of %s: %w", c.Entry.Key, err)
	}
	return i, nil
}

// send sends the items, in as many requests as it takes: a request that is too
// large for the cluster is halved, and so are those that follow.
func (o *output) send(ctx context.Context, items []item, t *tally) error {
	if len(items) == 0 {
		return ctx.Err()
	}
	results, err := o.cluster.bulk(ctx, o.settings.Index, items)
	switch {
	case status(err) == http.StatusRequestEntityTooLarge && len(items) > 1:
		o.batchBytes = max(o.batchBytes/2, minBatchBytes)
		half := len(items) / 2
		if err := o.send(ctx, items[:half], t); err != nil {
			return err
		}
		return o.send(ctx, items[half:], t)
	case status(err) == http.StatusRequestEntityTooLarge:
		t.refuse(items[0].key, "the document is larger than the cluster takes (http.max_content_length)", true)
		return nil
	case err != nil:
		return err
	}
	return o.settle(items, results, t)
}

// settle adds the results to the tally. Where the cluster took none of the
// items and might take them later, that is an error: it is not about entries,
// and there is no use in going on.
func (o *output) settle(items []item, results []result, t *tally) error {
	later := 0
	for i := range items {
		switch judge(&items[i], &results[i]) {
		case accepted:
			t.written++
		case outdated:
			t.outdated++
		case unfit:
			t.refuse(items[i].key, reason(&results[i]), true)
		case forbidden:
			return plugin.Permanent(fmt.Errorf("the account may not write to the index (it needs the index privileges index and delete): %s", reason(&results[i])))
		case indexGone:
			o.ready = false
			fallthrough
		case refused:
			t.refuse(items[i].key, reason(&results[i]), false)
			later++
		}
	}
	if later == len(items) {
		return fmt.Errorf("the cluster took none of %d changes: %s", later, reason(&results[0]))
	}
	return nil
}

func (o *output) failed(err error) error {
	return fmt.Errorf("writing to the Elasticsearch index %s: %w", o.settings.Index, err)
}

// Probe asks the cluster who it is and looks for the index.
func (o *output) Probe(ctx context.Context) (string, error) {
	var who identity
	if err := o.cluster.call(ctx, esapi.InfoRequest{}, &who); err != nil {
		return "", fmt.Errorf("asking the cluster for its version: %w", err)
	}
	found, err := o.cluster.lookUp(ctx, o.settings.Index)
	if err != nil {
		return "", fmt.Errorf("looking up the index %s: %w", o.settings.Index, err)
	}
	if err := found.usable(o.settings.Index); err != nil {
		return "", err
	}
	state := "is there"
	if len(found) == 0 {
		state = "will be made by the first delivery"
	}
	return fmt.Sprintf("cluster %q with %s; index %s %s", who.ClusterName, &who, o.settings.Index, state), nil
}

// Close ends the connections.
func (o *output) Close() error {
	if err := o.cluster.close(context.Background()); err != nil {
		return fmt.Errorf("closing the client for Elasticsearch: %w", err)
	}
	return nil
}
