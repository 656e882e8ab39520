package store

import "context"

// engine is what the databases that may hold a store do differently. All else is
// one set of statements; package postgres puts into its own words the few that
// PostgreSQL would not understand.
type engine struct {
	// steps is the folder with the steps of the schema.
	steps string
	// version reads the number of the last step that was taken, 0 for none.
	version func(context.Context, querier) (int, error)
	// setVersion is the statement that notes it.
	setVersion string
	// text is how a text reads that was stored: an id may hold what an engine does
	// not take.
	text func(string) string
	// shared is true where other agents may write to the same store.
	shared bool
}
