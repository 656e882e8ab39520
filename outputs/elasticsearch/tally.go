package elasticsearch

import (
	"fmt"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// newerInIndex is the reason in a receipt for a change that the index refused
// because it holds a later one.
const newerInIndex = "index holds a newer version"

// notRecorded is the reason in a receipt for a change that is missing in the
// history for good.
const notRecorded = "lost to the history"

// recordedLater is the reason in a receipt for a change that will be written into
// the history by a later delivery.
func (t *tally) recordedLater() string {
	return fmt.Sprintf("not yet in the history: %v", t.lateBecause)
}

// tally counts what became of the changes of a delivery.
type tally struct {
	where             string
	written, outdated int
	refusals          []outputs.Refusal
	// late counts the changes that wait to be written into the history, lost those
	// that never will be.
	late, lost  int
	lateBecause error
}

func (t *tally) refuse(key indicator.Key, reason string, final bool) {
	t.refusals = append(t.refusals, outputs.Refusal{Key: key, Reason: reason, Final: final})
}

func (t *tally) receipt() outputs.Receipt {
	r := outputs.Receipt{Written: t.written, Held: -1, Where: t.where}
	for reason, n := range map[string]int{newerInIndex: t.outdated, notRecorded: t.lost, t.recordedLater(): t.late} {
		if n > 0 {
			if r.Skipped == nil {
				r.Skipped = map[string]int{}
			}
			r.Skipped[reason] = n
		}
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
