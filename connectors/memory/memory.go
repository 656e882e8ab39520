// Package memory is a connector to a source that lives in memory. The rest of
// the program is tested with it: a [Source] takes objects, revises, withdraws
// and forgets them, and fails or blocks when told to. It also is the smallest
// whole example of a connector.
package memory

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/internal/plugin"
)

//go:embed sample.yaml
var sample string

// Spec describes the plugin. A connector opens the source that has its name;
// where sources has none, the connector has an empty source to itself.
func Spec(sources map[string]*Source) connectors.Spec {
	return connectors.Spec{
		Name:     "memory",
		Summary:  "Pulls from memory, for tests.",
		Sample:   sample,
		Settings: func() connectors.Settings { return &Settings{PageSize: 100, sources: sources} },
	}
}

// Settings are the settings of a connector to memory.
type Settings struct {
	// PageSize is the most objects that a page holds.
	PageSize int `yaml:"page_size"`

	sources map[string]*Source
}

// Validate reports what is wrong with the settings.
func (s *Settings) Validate() error {
	if s.PageSize < 1 {
		return plugin.Fieldf("page_size", "must be at least 1")
	}
	return nil
}

// Open makes the connector.
func (s *Settings) Open(env plugin.Env) (connectors.Connector, error) {
	source := s.sources[env.Name]
	if source == nil {
		source = new(Source)
	}
	return &Connector{source: source, pageSize: s.PageSize}, nil
}

// Connector pulls from a [Source].
type Connector struct {
	source   *Source
	pageSize int
}

// Fetch hands over what happened in the source since the cursor, or everything
// that it holds when from.Full asks for it.
func (c *Connector) Fetch(ctx context.Context, from connectors.State, sink connectors.Sink) error {
	after := position(from.Cursor)
	if from.Full {
		after = 0
	}
	events, end := c.source.since(after)
	for n := 0; ; n++ {
		if err := c.source.enter(ctx, n); err != nil {
			return err
		}
		size := min(c.pageSize, len(events))
		page := pageOf(events[:size], from.Full)
		events = events[size:]
		last := len(events) == 0
		switch {
		case last:
			page.Cursor, page.Complete = cursor(end), from.Full
		case !from.Full:
			page.Cursor = cursor(events[0].sequence - 1)
		}
		if err := sink(ctx, page); err != nil || last {
			return err
		}
	}
}

// pageOf makes a page of events. A full pull has no use for withdrawals: it
// withdraws whatever it does not bring.
func pageOf(events []event, full bool) connectors.Page {
	var page connectors.Page
	for _, e := range events {
		switch {
		case e.object != nil:
			page.Objects = append(page.Objects, e.object)
		case !full:
			page.Withdrawn = append(page.Withdrawn, e.id)
		}
	}
	return page
}

// Probe says how many objects the source holds.
func (c *Connector) Probe(ctx context.Context) (string, error) {
	if err := c.source.enter(ctx, 0); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d objects in memory", c.source.Len()), nil
}

// position reads a cursor. What is no cursor is the beginning: to bring
// everything again does no harm.
func position(cursor []byte) int64 {
	n, err := strconv.ParseInt(string(cursor), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func cursor(sequence int64) []byte { return strconv.AppendInt(nil, sequence, 10) }
