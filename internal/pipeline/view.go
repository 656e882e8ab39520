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

// linesAtOnce is how many lines are read again at a time.
const linesAtOnce = 500

// inFull reads sorted lines again with their texts. An entry that has left the
// view meanwhile is left out.
func inFull(ctx context.Context, v View, lines []line) iter.Seq2[indicator.Entry, error] {
	return func(yield func(indicator.Entry, error) bool) {
		for some := range slices.Chunk(lines, linesAtOnce) {
			entries, err := v.read(ctx, some)
			if err != nil {
				yield(indicator.Entry{}, err)
				return
			}
			for i := range some {
				entry, visible := entries[some[i].id]
				if visible && !yield(some[i].of(entry), nil) {
					return
				}
			}
		}
	}
}

// read reads the entries of lines in full, by their ids, as far as they are in
// the view.
func (v View) read(ctx context.Context, lines []line) (map[int64]indicator.Entry, error) {
	ids := make([]int64, len(lines))
	for i := range lines {
		ids[i] = lines[i].id
	}
	slices.Sort(ids)
	entries := make(map[int64]indicator.Entry, len(ids))
	for record, err := range v.Store.Records(ctx, store.Reading{InFull: true}, slices.Compact(ids)) {
		if err != nil {
			return nil, err
		}
		if view, visible := v.Policy.View(&record.Entry, v.Now); visible {
			entries[record.ID] = view
		}
	}
	return entries, nil
}

// of is the entry of the line, or the part of it that the line is.
func (l *line) of(entry indicator.Entry) indicator.Entry {
	if l.piece {
		entry.Key, entry.Pieces = l.key(), nil
	}
	return entry
}
