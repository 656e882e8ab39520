package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esutil"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// item is one change as a bulk request carries it.
type item struct {
	key indicator.Key
	op  outputs.Op
	id  string
	// sequence is the entry's.
	sequence uint64
	// version is given when the item is sent. The cluster keeps what has the
	// higher one, in whatever order the changes arrive.
	version int64
	// unconditional is set where the version in the index does not matter.
	unconditional bool
	// create is set where a document of this id must not be there yet.
	create bool
	// body is the document, nil for a removal.
	body []byte
	// record is what the history says of the change, nil where there is none.
	record *record
}

// actionSize is more than the line before a document takes: names, an id of 52
// characters and a version.
const actionSize = 256

func (i *item) size() int { return len(i.body) + actionSize }

func (i *item) action() string {
	switch {
	case i.op == outputs.Remove:
		return "delete"
	case i.create:
		return "create"
	}
	return "index"
}

// result is what the cluster says of one item.
type result = esutil.BulkIndexerResponseItem

// target is where a bulk request goes.
type target struct {
	name string
	// alias is true where the name has to be that of an alias.
	alias bool
	// outcomes is whether the results have to tell one write of a document from
	// another.
	outcomes bool
}

// fields are those of a result that are asked for.
func (t target) fields() []string {
	fields := []string{"items.*._id", "items.*.status", "items.*.result", "items.*.error"}
	if t.outcomes {
		fields = append(fields, "items.*._seq_no", "items.*._primary_term")
	}
	return fields
}

// bulk sends the items as one request and returns one result for each, in their
// order. An error says that nothing is known of any of them.
func (c *cluster) bulk(ctx context.Context, to target, items []item) ([]result, error) {
	size := 1
	for i := range items {
		size += items[i].size()
	}
	var failure error
	indexer, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{
		Client: c,
		Index:  to.name,
		// Without this, a write to an alias that is gone would make an index of
		// its name.
		RequireAlias: to.alias,
		// One worker whose buffer holds everything makes it one request, and
		// its end is the only reason to send it.
		NumWorkers: 1,
		FlushBytes: size,
		// Few items at a time change hands, instead of each alone.
		QueueSizeMultiplier: 64,
		FlushInterval:       24 * time.Hour,
		Decoder:             exactly(len(items)),
		FilterPath:          to.fields(),
		OnFlushStart:        func(context.Context) context.Context { return ctx },
		OnError:             func(_ context.Context, err error) { failure = inner(err) },
	})
	if err != nil {
		return nil, fmt.Errorf("making a bulk request: %w", err)
	}
	results := make([]result, len(items))
	for i := range items {
		if err = indexer.Add(ctx, items[i].bulkItem(&results[i])); err != nil {
			break
		}
	}
	// The indexer's goroutine writes failure and results, so its end is waited
	// for. It comes soon when ctx ends, since its request does.
	_ = indexer.Close(context.WithoutCancel(ctx))
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, fmt.Errorf("making a bulk request: %w", err)
	}
	if failure == nil {
		failure = inOrder(items, results)
	}
	return results, failure
}

// inOrder reports a result that is not that of its item. Results are told apart by
// their places alone, so what stands between us and the cluster and mixes them
// would have one document's failure counted as another's.
func inOrder(items []item, results []result) error {
	for i := range items {
		if id := results[i].DocumentID; id != "" && id != items[i].id {
			return fmt.Errorf("the answer to a bulk request gives a result for the document %s where that of %s belongs", id, items[i].id)
		}
	}
	return nil
}

// inner takes off the word that the indexer puts before each of its errors.
func inner(err error) error {
	if cause := errors.Unwrap(err); cause != nil {
		return cause
	}
	return err
}

// bulkItem is the item with a place for its result.
func (i *item) bulkItem(to *result) esutil.BulkIndexerItem {
	b := esutil.BulkIndexerItem{
		Action:     i.action(),
		DocumentID: i.id,
		OnSuccess:  func(_ context.Context, _ esutil.BulkIndexerItem, r result) { *to = r },
		OnFailure:  func(_ context.Context, _ esutil.BulkIndexerItem, r result, _ error) { *to = r },
	}
	if !i.unconditional && !i.create {
		b.Version, b.VersionType = &i.version, "external_gte"
	}
	if i.body != nil {
		b.Body = bytes.NewReader(i.body)
	}
	return b
}

// exactly decodes an answer that must hold so many results. The indexer takes
// an answer at its word: with too few, items would be lost without a word, and
// with too many it would panic.
type exactly int

// UnmarshalFromReader implements [esutil.BulkResponseJSONDecoder].
func (n exactly) UnmarshalFromReader(r io.Reader, answer *esutil.BulkIndexerResponse) error {
	if err := json.NewDecoder(r).Decode(answer); err != nil {
		return fmt.Errorf("reading the answer to a bulk request: %w", err)
	}
	if len(answer.Items) != int(n) {
		return fmt.Errorf("the answer to a bulk request of %d items holds %d results", n, len(answer.Items))
	}
	return nil
}
