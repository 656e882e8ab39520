package elasticsearch

import (
	"fmt"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// newerInIndex is the reason in a receipt for a change that the index refused
// because it holds a later one.
const newerInIndex = "index holds a newer version"

// notRecorded is the reason in a receipt for changes that are missing in the
// history for good, with the cluster's reason for the first of them.
const notRecorded = "lost to the history: "

// tally counts what became of the changes of a delivery.
type tally struct {
	where             string
	written, outdated int
	refusals          []outputs.Refusal
	// lost counts the changes that the history will never take.
	lost        int
	lostBecause string
	// lateBecause is why changes are to be written into the history once more,
	// nil where none are.
	lateBecause error
	// waiting counts the records of earlier deliveries that are still to be written.
	waiting int
}

func (t *tally) refuse(key indicator.Key, reason string, final bool) {
	t.refusals = append(t.refusals, outputs.Refusal{Key: key, Reason: reason, Final: final})
}

// lose counts changes that the history will never take.
func (t *tally) lose(n int, because string) {
	if t.lost == 0 {
		t.lostBecause = because
	}
	t.lost += n
}

// late is why changes are to be written into the history once more.
func (t *tally) late() string {
	if t.lateBecause == nil {
		return "in the index, and not yet in the history: there was no room to remember more"
	}
	return fmt.Sprintf("in the index, and not yet in the history: %v", t.lateBecause)
}

func (t *tally) receipt() outputs.Receipt {
	r := outputs.Receipt{Written: t.written, Held: -1, Where: t.where}
	for reason, n := range map[string]int{newerInIndex: t.outdated, notRecorded + t.lostBecause: t.lost, t.late(): t.waiting} {
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
