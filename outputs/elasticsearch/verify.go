package elasticsearch

import (
	"context"
	"fmt"
	"slices"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

var _ outputs.Verifier = (*output)(nil)

// Verify implements [outputs.Verifier]. It reads the ids of all documents of this
// site, with their versions and what they were made from. A document has changed
// where it was made from something else than the entry now shows, or where
// another hand has written it since. Documents of other sites and of other
// programs take no part.
func (o *output) Verify(ctx context.Context, d outputs.Delivery) (outputs.Difference, error) {
	c, err := o.expected(d)
	if err != nil {
		return outputs.Difference{}, fmt.Errorf("verifying the Elasticsearch index %s: %w", o.settings.Index, err)
	}
	for document, err := range o.cluster.snapshot(ctx, o.settings.Index, o.site) {
		if err != nil {
			return outputs.Difference{}, fmt.Errorf("verifying the Elasticsearch index %s: %w", o.settings.Index, err)
		}
		c.meet(&document)
	}
	if err := o.name(d, c); err != nil {
		return outputs.Difference{}, fmt.Errorf("verifying the Elasticsearch index %s: %w", o.settings.Index, err)
	}
	return c.diff, nil
}

// comparison is what the view wants against what the index holds. It holds some
// fifty bytes of each entry, whatever the entry says.
type comparison struct {
	site string
	diff outputs.Difference
	// absent has what was not met in the index yet.
	absent map[shortID]mark
	// changed has what was met and is not as it should be.
	changed map[shortID]bool
}

// mark is what a document has to say of itself.
type mark struct {
	revision uint64
	// pending is true for an entry that is to change anyway: that it is there
	// is all that can be asked for.
	pending bool
}

func (o *output) expected(d outputs.Delivery) (*comparison, error) {
	c := &comparison{site: o.site, absent: map[shortID]mark{}, changed: map[shortID]bool{}}
	for e, err := range d.All(outputs.InFull) {
		if err != nil {
			return nil, err
		}
		id, _ := short(ecs.DocumentID(o.site, e.Key))
		c.absent[id] = mark{revision: e.Revision(), pending: pending(&e)}
		c.diff.Wanted++
	}
	return c, nil
}

// pending reports whether the entry is shown only by its key, since what the tool
// has accepted of it is no longer known in full.
func pending(e *indicator.Entry) bool { return e.Sequence == 0 }

// meet takes note of a document. One whose id is not that of its key was not
// written by us, whatever it says of itself.
func (c *comparison) meet(d *held) {
	id, ok := short(d.id)
	if !ok {
		return
	}
	want, wanted := c.absent[id]
	switch {
	case wanted:
		delete(c.absent, id)
		c.diff.Present++
		if !want.pending && (d.revision != revisionOf(want.revision) || sequenceOf(d.version) != d.sequence) {
			c.changed[id] = true
		}
	case ecs.DocumentID(c.site, d.key) == d.id:
		c.diff.Present++
		c.diff.Extra = append(c.diff.Extra, d.key)
	}
}

// name finds the keys of what is missing and of what has changed. Most
// comparisons find nothing and need no second look at the view.
func (o *output) name(d outputs.Delivery, c *comparison) error {
	slices.SortFunc(c.diff.Extra, indicator.Compare)
	if len(c.absent)+len(c.changed) == 0 {
		return nil
	}
	for e, err := range d.All(outputs.KeysOnly) {
		if err != nil {
			return err
		}
		id, _ := short(ecs.DocumentID(o.site, e.Key))
		if _, absent := c.absent[id]; absent {
			c.diff.Missing = append(c.diff.Missing, e.Key)
		} else if c.changed[id] {
			c.diff.Changed = append(c.diff.Changed, e.Key)
		}
	}
	return nil
}
