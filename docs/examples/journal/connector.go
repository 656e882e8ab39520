// Package journal is a connector to a file to which another program appends STIX
// objects, one a line.
package journal

import (
	"context"
	"fmt"
	"os"

	"github.com/indicatord/indicatord/connectors"
)

// Connector pulls from one journal.
type Connector struct {
	path     string
	pageSize int
}

// Fetch implements [connectors.Connector].
func (c *Connector) Fetch(ctx context.Context, from connectors.State, sink connectors.Sink) error {
	file, err := os.Open(c.path)
	if err != nil {
		return fmt.Errorf("opening the journal: %w", err)
	}
	defer file.Close()
	r, err := newReader(file, from)
	if err != nil {
		return fmt.Errorf("reading the journal: %w", err)
	}
	for !r.ended {
		page, err := r.page(c.pageSize)
		if err != nil {
			return fmt.Errorf("reading the journal: %w", err)
		}
		page.Complete = from.Full && r.ended
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := sink(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

// Probe implements [connectors.Prober].
func (c *Connector) Probe(context.Context) (string, error) {
	info, err := os.Stat(c.path)
	if err != nil {
		return "", fmt.Errorf("looking for the journal: %w", err)
	}
	return fmt.Sprintf("%s has %d bytes", c.path, info.Size()), nil
}

var (
	_ connectors.Connector = (*Connector)(nil)
	_ connectors.Prober    = (*Connector)(nil)
)
