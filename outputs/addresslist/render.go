package addresslist

import (
	"context"
	"io"
	"iter"

	"github.com/indicatord/indicatord/internal/indicator"
)

// checkEvery is how many entries are rendered between two looks at the context:
// well below a millisecond's worth.
const checkEvery = 1024

// renderer writes a view in a dialect and counts.
type renderer struct {
	dialect dialect
	lines   int
	skipped map[string]int
	line    []byte
	last    []byte
}

// render writes the header and the line of each entry. Entries come in the order
// of the list; two in a row that read the same are written once.
func (r *renderer) render(ctx context.Context, w io.Writer, view iter.Seq2[indicator.Entry, error]) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := io.WriteString(w, r.dialect.header); err != nil {
		return err
	}
	seen := 0
	// The entry escapes to the dialect, so there is one for all turns.
	var entry indicator.Entry
	for e, err := range view {
		if err != nil {
			return err
		}
		if seen++; seen%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		entry = e
		if err := r.write(w, &entry); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (r *renderer) write(w io.Writer, e *indicator.Entry) error {
	line, unsaid := r.dialect.appendLine(r.line[:0], e)
	if unsaid != "" {
		r.skipped[unsaid]++
		return nil
	}
	line = append(line, '\n')
	if string(line) == string(r.last) {
		return nil
	}
	r.line, r.last = r.last, line
	r.lines++
	_, err := w.Write(line)
	return err
}
