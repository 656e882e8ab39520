package elasticsearch

import (
	"context"
	"fmt"
	"iter"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"

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
	env      plugin.Env
	site     string
	cluster  *cluster
	// ready is true once the index was seen to be as it should.
	ready bool
	// alias is true where the name is that of an alias, and not of an index.
	alias bool
	// empty is true from when the index was made until a delivery has filled it.
	empty bool
	// batchBytes is the setting, or less where the cluster takes less.
	batchBytes int
	epoch      epoch
	// history is nil where none is written.
	history *history
}

// Deliver writes a document for each entry that was added or updated, and
// deletes those of entries that were removed. An index that had to be made is
// filled with the whole view, whatever it held before somebody deleted it.
func (o *output) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	w := o.writer(&d)
	if err := o.prepare(ctx, d.First); err != nil {
		return w.receipt(), err
	}
	w.recording, w.refill = o.history != nil, o.empty
	changes := d.Changes
	if o.empty {
		changes = additions(d.All(outputs.InFull))
	}
	if err := w.writeAll(ctx, changes); err != nil {
		return w.receipt(), o.failed(err)
	}
	o.empty = false
	w.catchUp(ctx)
	return w.receipt(), w.partial()
}

// prepare sees to the index, once in the life of the output, and again where
// somebody may have changed it.
func (o *output) prepare(ctx context.Context, first bool) error {
	if o.ready && !first {
		return nil
	}
	found, made, err := o.cluster.ensureSchema(ctx, o.settings.Index)
	if err != nil {
		return fmt.Errorf("preparing Elasticsearch: %w%s", err, o.setupHint(err))
	}
	o.ready = true
	o.alias = found.alias(o.settings.Index)
	o.empty = o.empty || made
	return nil
}

// setupHint says what to do where the account may not prepare the index.
func (o *output) setupHint(err error) string {
	if status(err) != http.StatusForbidden {
		return ""
	}
	return fmt.Sprintf("; to prepare it under another account, run: indicatord setup %s --username NAME --password-file FILE", o.env.Name)
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
