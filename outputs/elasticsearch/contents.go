package elasticsearch

import (
	"context"
	"fmt"
	"iter"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// contents is what is known of the documents of this site in the index.
type contents uint8

const (
	// asAccepted are those of the deliveries before.
	asAccepted contents = iota
	// nothing is there: somebody has deleted the index, or emptied it.
	nothing
	// unknown is what an index holds that has taken the place of another.
	unknown
)

// lookInside finds out whether the index that the agent meets at its start holds
// what was delivered in an earlier life. An account that may not look is told that
// it does: it has to take the word of what was accepted.
func (o *output) lookInside(ctx context.Context) (contents, error) {
	n := 0
	// What was written a moment ago is not seen by searches of itself.
	err := o.cluster.refresh(ctx, o.settings.Index)
	if err == nil {
		n, err = o.cluster.count(ctx, o.settings.Index, o.site)
	}
	switch {
	case status(err) == http.StatusForbidden:
		return asAccepted, nil
	case err != nil:
		return asAccepted, fmt.Errorf("looking for documents in the index %s: %w", o.settings.Index, err)
	case n == 0:
		return nothing, nil
	}
	return asAccepted, nil
}

// count returns whether there is a document of the site: 0, or at least 1.
func (c *cluster) count(ctx context.Context, index, site string) (int, error) {
	once := 1
	var found struct {
		Count int `json:"count"`
	}
	err := c.call(ctx, esapi.CountRequest{
		Index: []string{index}, TerminateAfter: &once, Body: encode(map[string]any{"query": ours(site)}),
	}, &found)
	return found.Count, err
}

// refresh makes visible what was written.
func (c *cluster) refresh(ctx context.Context, index string) error {
	return c.call(ctx, esapi.IndicesRefreshRequest{Index: []string{index}}, nil)
}

// keySet are the keys of a view, by the ids of their documents.
type keySet map[shortID]struct{}

func (s keySet) add(id string) {
	if id, ok := short(id); ok {
		s[id] = struct{}{}
	}
}

func (s keySet) has(id string) bool {
	short, ok := short(id)
	_, has := s[short]
	return ok && has
}

// fill writes all that the view of the delivery holds into an index that was not
// filled by the deliveries before.
func (w *writer) fill(ctx context.Context, d *outputs.Delivery) error {
	view := keySet{}
	err := w.writeAll(ctx, w.afresh(d, view))
	if err == nil && w.contents == unknown {
		err = w.clear(ctx, view)
	}
	if err != nil {
		// It holds a part of a view that is another by the next time.
		w.contents = unknown
	}
	return err
}

// afresh makes a delivery into the changes that bring its view about in an index
// of which nothing is known: what is to leave leaves, and all else is written. It
// fills view with what the view holds.
func (o *output) afresh(d *outputs.Delivery, view keySet) iter.Seq2[outputs.Change, error] {
	return func(yield func(outputs.Change, error) bool) {
		for c, err := range d.Changes {
			if (err != nil || c.Op == outputs.Remove) && !yield(c, err) {
				return
			}
		}
		for e, err := range d.All(outputs.InFull) {
			if err == nil {
				view.add(ecs.DocumentID(o.site, e.Key))
			}
			if !yield(outputs.Change{Op: outputs.Add, Entry: e}, err) {
				return
			}
		}
	}
}

// clear deletes what an index holds beside the view that it was filled with: it is
// of the time of the snapshot that the index came from, say, and nobody else would
// ever ask for it. An account that may not read the index leaves it there.
func (o *output) clear(ctx context.Context, view keySet) error {
	var extra []indicator.Key
	for d, err := range o.cluster.snapshot(ctx, o.settings.Index, o.site) {
		if status(err) == http.StatusForbidden {
			return nil
		}
		if err != nil {
			return fmt.Errorf("looking for what does not belong there: %w", err)
		}
		if !view.has(d.id) && ecs.DocumentID(o.site, d.key) == d.id {
			extra = append(extra, d.key)
		}
	}
	if len(extra) == 0 {
		return nil
	}
	return o.Clean(ctx, extra)
}
