package addresslist

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// writing is one version of all lists of an output, beside the files whose place
// it shall take.
type writing struct {
	o     *Output
	lists []*list
	at    map[branch]*list
	left  *leftOut
}

// newWriting begins a version. Where an earlier one did not fit, cuts say what to
// leave out of each list.
func newWriting(o *Output, now time.Time, cuts []cut) *writing {
	w := &writing{o: o, at: map[branch]*list{}, left: newLeftOut(o.state)}
	w.left.keep = o.trying
	for i, b := range o.place.branches(&o.words) {
		l := &list{o: o, branch: b, now: now, left: w.left}
		if cuts != nil {
			l.cut = &cuts[i]
		}
		w.lists = append(w.lists, l)
		w.at[b] = l
	}
	return w
}

// write renders the view.
func (w *writing) write(ctx context.Context, all view) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, l := range w.lists {
		if err := l.begin(); err != nil {
			return err
		}
	}
	for e, err := range all {
		if err != nil {
			return err
		}
		if err := w.listOf(e).add(e); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return w.end()
}

func (w *writing) listOf(e *indicator.Entry) *list {
	if len(w.lists) == 1 {
		return w.lists[0]
	}
	return w.at[w.o.place.branchOf(e.Key)]
}

func (w *writing) end() error {
	for _, l := range w.lists {
		if err := l.end(); err != nil {
			return err
		}
	}
	return w.left.end()
}

// cuts returns what to leave out so that every list fits, nil where all do.
func (w *writing) cuts() []cut {
	if !slices.ContainsFunc(w.lists, func(l *list) bool { return l.tooLong }) {
		return nil
	}
	cuts := make([]cut, len(w.lists))
	for i, l := range w.lists {
		cuts[i] = l.trim()
	}
	return cuts
}

// changed returns the files that will not be what they were.
func (w *writing) changed() []*part {
	var all []*part
	for _, l := range w.lists {
		for _, p := range l.parts {
			if p.changed {
				all = append(all, p)
			}
		}
	}
	return all
}

// commit gives the files their names.
func (w *writing) commit() error {
	if err := w.o.served.announce(w); err != nil {
		return err
	}
	for _, p := range w.changed() {
		if err := p.file.Commit(); err != nil {
			return err
		}
	}
	return w.left.commit()
}

func (w *writing) receipt() outputs.Receipt {
	receipt := outputs.Receipt{Skipped: w.left.counts, Trimmed: w.left.counts[string(w.o.room.beyond())], Where: w.o.served.where(w.o.place.path)}
	for _, l := range w.lists {
		for _, p := range l.parts {
			receipt.Held += p.entries
			if p.changed {
				receipt.Written += p.entries
			}
		}
	}
	return receipt
}

func (w *writing) discard() {
	for _, l := range w.lists {
		for _, p := range l.parts {
			p.file.Discard()
		}
	}
	w.left.discard()
}

// restore puts the previous versions of the files back.
func (w *writing) restore() error {
	var problems []error
	for _, p := range w.changed() {
		problems = append(problems, p.restore())
	}
	return errors.Join(problems...)
}
