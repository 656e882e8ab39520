package pipeline

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/store"
)

// View is a policy's view of a store at one time.
type View struct {
	Store  *store.Store
	Policy policy.Policy
	Now    time.Time
}

func (o *offering) view() View { return View{Store: o.Store, Policy: o.Policy, Now: o.now} }

// Entries yields the view in full in the order of [indicator.Compare].
func (v View) Entries(ctx context.Context) iter.Seq2[indicator.Entry, error] {
	return func(yield func(indicator.Entry, error) bool) {
		lines, err := v.lines(ctx)
		if err != nil {
			yield(indicator.Entry{}, err)
			return
		}
		inFull(ctx, v, lines)(yield)
	}
}

func (v View) lines(ctx context.Context) ([]line, error) {
	var lines []line
	reading := store.Reading{Kinds: v.Policy.Select.Kinds, InFull: v.Policy.NeedsText()}
	for record, err := range v.Store.Entries(ctx, reading) {
		if err != nil {
			return nil, err
		}
		if view, visible := v.Policy.View(&record.Entry, v.Now); visible {
			lines = append(lines, lineOf(record.ID, &view))
		}
	}
	slices.SortFunc(lines, compareLines)
	return lines, nil
}

// inFull reads sorted lines again with their texts. An entry that has left the
// view meanwhile is left out.
func inFull(ctx context.Context, v View, lines []line) iter.Seq2[indicator.Entry, error] {
	ids := make([]int64, len(lines))
	for i := range lines {
		ids[i] = lines[i].id
	}
	return func(yield func(indicator.Entry, error) bool) {
		for record, err := range v.Store.Records(ctx, store.Reading{InFull: true}, ids) {
			if err != nil {
				yield(indicator.Entry{}, err)
				return
			}
			if view, visible := v.Policy.View(&record.Entry, v.Now); visible && !yield(view, nil) {
				return
			}
		}
	}
}
