package elasticsearch

import (
	"context"
	"fmt"
	"iter"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"

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
	env      plugin.Env
	site     string
	cluster  *cluster
	// index is the UUID of the index that is written to, "" until it was seen.
	index string
	// alias is true where the name is that of an alias, and not of an index.
	alias bool
	// strange is true from when the index was seen to be another than the one that
	// was written to, or an empty one, until a delivery has filled it.
	strange bool
	// batchBytes is the setting, or less where the cluster takes less.
	batchBytes int
	epoch      epoch
	// history is nil where none is written.
	history *history
}

// Deliver writes a document for each entry that was added or updated, and
// deletes those of entries that were removed. An index that is not the one of the
// delivery before, or holds nothing, is filled with the whole view: what was in
// the other says nothing of it.
func (o *output) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	w := o.writer(&d)
	if err := o.prepare(ctx); err != nil {
		return w.receipt(), err
	}
	w.recording, w.refill = o.history != nil, o.strange
	changes := d.Changes
	if o.strange {
		changes = afresh(&d)
	}
	if err := w.writeAll(ctx, changes); err != nil {
		return w.receipt(), o.failed(err)
	}
	o.strange = false
	w.catchUp(ctx)
	return w.receipt(), w.partial()
}

// prepare sees to the index before each delivery, since somebody may delete it,
// put another in its place or restore it from a snapshot at any time.
func (o *output) prepare(ctx context.Context) error {
	found, made, err := o.cluster.ensureSchema(ctx, o.settings.Index)
	if err != nil {
		return fmt.Errorf("preparing Elasticsearch: %s%w", o.setupHint(err), err)
	}
	o.alias = found.alias(o.settings.Index)
	index := found.uuid(o.settings.Index)
	if index == o.index && !made {
		return nil
	}
	strange := made || o.index != ""
	if !strange {
		if strange, err = o.cluster.holdsNothing(ctx, o.settings.Index, o.site); err != nil {
			return fmt.Errorf("preparing Elasticsearch: %w", err)
		}
	}
	o.index, o.strange = index, o.strange || strange
	return nil
}

// setupHint says what to do where the account may not prepare the index. It goes
// before the words of the cluster, which are long.
func (o *output) setupHint(err error) string {
	if status(err) != http.StatusForbidden {
		return ""
	}
	return fmt.Sprintf("this account may not see to the index %s; where it is not there, or of an older release, run: indicatord setup %s --username NAME --password-file FILE; ", o.settings.Index, o.env.Name)
}

// afresh makes a delivery into the changes that bring its view about in an index
// of which nothing is known: what is to leave leaves, and all else is written.
func afresh(d *outputs.Delivery) iter.Seq2[outputs.Change, error] {
	return func(yield func(outputs.Change, error) bool) {
		for c, err := range d.Changes {
			if (err != nil || c.Op == outputs.Remove) && !yield(c, err) {
				return
			}
		}
		for e, err := range d.All(outputs.InFull) {
			if !yield(outputs.Change{Op: outputs.Add, Entry: e}, err) {
				return
			}
		}
	}
}

func (o *output) failed(err error) error {
	return fmt.Errorf("writing to the Elasticsearch index %s: %w", o.settings.Index, err)
}

// Probe asks the cluster who it is and looks for the index.
func (o *output) Probe(ctx context.Context) (string, error) {
	var who identity
	if err := o.cluster.call(ctx, esapi.InfoRequest{}, &who); err != nil && status(err) != http.StatusForbidden {
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
	cluster := "a cluster that tells this account no version"
	if who.Version.Number != "" {
		cluster = fmt.Sprintf("cluster %q with %s", who.ClusterName, &who)
	}
	return fmt.Sprintf("%s; index %s %s", cluster, o.settings.Index, state), nil
}

// Close ends the connections.
func (o *output) Close() error {
	if err := o.cluster.close(context.Background()); err != nil {
		return fmt.Errorf("closing the client for Elasticsearch: %w", err)
	}
	return nil
}
