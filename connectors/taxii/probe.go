package taxii

import (
	"context"
	"fmt"
	"strings"
)

// Probe finds the collections that a pull would read, and names them.
func (c *Connector) Probe(ctx context.Context) (string, error) {
	hub, err := c.open(c.settings.URL)
	if err != nil {
		return "", err
	}
	defer hub.close()
	f, err := c.discover(ctx, hub)
	if err != nil {
		return "", hub.client.ScrubError(err)
	}
	defer f.hub.close()
	line := fmt.Sprintf("%d collections to pull: %s", len(f.collections), names(f.collections))
	if len(f.collections) == 1 {
		line = "collection " + names(f.collections)
	}
	if f.title != "" {
		line = f.title + ": " + line
	}
	return hub.client.Scrub(strings.Join(strings.Fields(line), " ")), nil
}
