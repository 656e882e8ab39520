package elasticsearch

import (
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// newerInIndex is the reason in a receipt for a change that the index refused
// because it holds a later one.
const newerInIndex = "index holds a newer version"

// tally counts what became of the changes of a delivery.
type tally struct {
	where             string
	written, outdated int
	refusals          []outputs.Refusal
}

func (t *tally) refuse(key indicator.Key, reason string, final bool) {
	t.refusals = append(t.refusals, outputs.Refusal{Key: key, Reason: reason, Final: final})
}

func (t *tally) receipt() outputs.Receipt {
	r := outputs.Receipt{Written: t.written, Held: -1, Where: t.where}
	if t.outdated > 0 {
		r.Skipped = map[string]int{newerInIndex: t.outdated}
	}
	return r
}

// partial is nil where every change was accepted.
func (t *tally) partial() error {
	if len(t.refusals) == 0 {
		return nil
	}
	return &outputs.PartialError{Refused: t.refusals}
}
