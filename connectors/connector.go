// Package connectors is the contract of the connectors: plugins that pull
// threat intelligence from a source, one folder each.
package connectors

import (
	"context"
	"encoding/json"

	"github.com/indicatord/indicatord/internal/plugin"
)

// Connector pulls from one source.
type Connector interface {
	// Fetch makes one pull: it reads the source from where from says to the end
	// and hands each page to sink as soon as it has it. It returns nil only
	// when the pull is complete.
	//
	// Fetch never sleeps between pulls, never retries a pull, and never logs a
	// failure: it returns, and the core decides. A page that was handed over
	// will be stored whatever Fetch returns later, so a cursor must be true at
	// its page. Fetch is not called again before it has returned. When ctx
	// ends, or sink returns an error, it returns soon, with that error.
	Fetch(ctx context.Context, from State, sink Sink) error
}

// State is where a pull starts.
type State struct {
	// Cursor is what the last stored page carried, nil before the first.
	Cursor []byte
	// Full asks for everything the source holds, whatever the cursor says. The
	// core withdraws what such a pull does not bring, once it is complete.
	Full bool
}

// Sink takes the pages of a pull, in order. It blocks while the store is
// behind, and returns an error when the pull should end.
type Sink func(ctx context.Context, page Page) error

// Page is a part of a pull. Its facts, withdrawals and cursor become durable
// together or not at all.
type Page struct {
	// Objects are STIX 2.x objects, each a JSON value exactly as received. They
	// need not be valid: a broken one becomes a reject, and the rest go on. The
	// page owns the memory.
	Objects []json.RawMessage
	// Withdrawn are ids of objects that the source says it no longer holds.
	Withdrawn []string
	// Cursor becomes true when the page is stored. Nil leaves the old one.
	Cursor []byte
	// Complete marks the last page of a pull that brought everything, because
	// [State.Full] asked for it. It alone allows the core to withdraw what is
	// missing.
	Complete bool
}

// Prober is a connector that can try its source without pulling: "check
// --online" uses it.
type Prober interface {
	// Probe returns one line that says what was found, such as the title of
	// the collections.
	Probe(ctx context.Context) (string, error)
}

// Spec is what a connector's folder exports.
type Spec = plugin.Spec[Connector]

// Settings is a connector's block of the configuration.
type Settings = plugin.Settings[Connector]
