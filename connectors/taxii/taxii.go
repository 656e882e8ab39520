// Package taxii is a connector to a TAXII 2.1 hub. It is the whole client side
// of the standard that a reader needs: it finds the collections from whatever
// URL it is given, reads them page by page, and keeps a cursor that loses
// nothing when a pull is cut at any point.
//
// The rules of the cursor are in [position]; those of paging in [walk].
package taxii

import (
	"context"
	_ "embed"
	"log/slog"
	"time"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/internal/httpx"
)

//go:embed sample.yaml
var sample string

// Spec describes the plugin.
func Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "taxii",
		Summary:  "Pulls STIX objects from the collections of a TAXII 2.1 hub.",
		Sample:   sample,
		Settings: func() connectors.Settings { return defaults() },
	}
}

// Connector pulls from the collections of one hub.
type Connector struct {
	settings Settings
	agent    string
	log      *slog.Logger
	guards   guards
	now      func() time.Time
	undated  bool // it was told that the hub gives no dates
}

var _ connectors.Prober = (*Connector)(nil)

// Fetch pulls every configured collection, one after the other. The next page
// is fetched while the sink takes the one before.
func (c *Connector) Fetch(ctx context.Context, from connectors.State, sink connectors.Sink) error {
	return ahead(ctx, sink, func(ctx context.Context, emit emit) error {
		hub, err := c.open(c.settings.URL)
		if err != nil {
			return err
		}
		defer hub.close()
		found, err := c.discover(ctx, hub)
		if err != nil {
			return hub.client.ScrubError(err)
		}
		defer found.hub.close()
		pull := &pull{connector: c, hub: found.hub, full: from.Full, emit: emit, state: c.readState(from.Cursor)}
		return found.hub.client.ScrubError(pull.run(ctx, found))
	})
}

// open makes a client whose credentials go to the origins of the addresses.
func (c *Connector) open(addresses ...string) (*hub, error) {
	client, err := c.settings.Client(httpx.Options{Agent: c.agent, Addresses: addresses, Policy: httpx.RetryUnserved})
	if err != nil {
		return nil, err
	}
	return &hub{client: client, accept: mediaType}, nil
}

// readState reads the cursor. One that cannot be read is told and forgotten: to
// pull everything again does no harm.
func (c *Connector) readState(cursor []byte) *state {
	s, err := decodeState(cursor)
	if err != nil {
		c.log.Warn("the saved position cannot be read; the pull starts from the beginning", "reason", err)
	}
	return s
}
