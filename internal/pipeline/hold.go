package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/store"
)

// EmptyError says that an empty view was kept from a tool, which keeps what it
// has: after a loss of the state, or under another name of a connector, the
// store is empty although the hub is not.
type EmptyError struct {
	// Connectors have never completed a pull.
	Connectors []string
}

// Error names the connectors.
func (e *EmptyError) Error() string {
	if len(e.Connectors) == 0 {
		return "there is nothing to deliver, for no connector is configured: what the tool has stays"
	}
	return fmt.Sprintf("there is nothing to deliver yet: what the tool has stays until the first complete pull from %s", strings.Join(e.Connectors, ", "))
}

// hold returns an [EmptyError] where the view is empty for lack of a pull.
func (r *round) hold(ctx context.Context) error {
	if !r.HoldEmpty {
		return nil
	}
	unpulled, err := r.unpulled(ctx)
	if err != nil || len(unpulled) == 0 && len(r.Policy.Connectors) > 0 {
		return err
	}
	shows, err := r.showsAnything(ctx)
	if err != nil || shows {
		return err
	}
	return &EmptyError{Connectors: unpulled}
}

func (r *round) unpulled(ctx context.Context) ([]string, error) {
	var names []string
	for _, name := range r.visibleConnectors() {
		complete, err := r.Store.LastComplete(ctx, name)
		if err != nil {
			return nil, err
		}
		if complete.IsZero() {
			names = append(names, name)
		}
	}
	return names, nil
}

// visibleConnectors are those whose word the view may see.
func (r *round) visibleConnectors() []string {
	chosen := r.Policy.Select.Sources
	if len(chosen) == 0 {
		return r.Policy.Connectors
	}
	return slices.DeleteFunc(slices.Clone(r.Policy.Connectors), func(name string) bool { return !slices.Contains(chosen, name) })
}

func (r *round) showsAnything(ctx context.Context) (bool, error) {
	reading := store.Reading{Kinds: r.Policy.Select.Kinds, InFull: r.Policy.NeedsText()}
	for record, err := range r.Store.Entries(ctx, reading) {
		if err != nil {
			return false, err
		}
		if _, visible := r.Policy.View(&record.Entry, r.now); visible {
			return true, nil
		}
	}
	return false, nil
}
