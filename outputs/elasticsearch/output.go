package elasticsearch

import (
	"context"
	"fmt"
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
	// contents is what is known of the index, until a delivery has filled it.
	contents contents
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
	w.recording, w.refill = o.history != nil, o.contents != asAccepted
	write := w.deliver
	if w.refill {
		write = w.fill
	}
	if err := write(ctx, &d); err != nil {
		return w.receipt(), o.failed(err)
	}
	o.contents = asAccepted
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
	switch {
	case made:
		o.contents = nothing
	case o.index != "":
		o.contents = unknown
	default:
		if o.contents, err = o.lookInside(ctx); err != nil {
			return fmt.Errorf("preparing Elasticsearch: %w", err)
		}
	}
	o.index = index
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
