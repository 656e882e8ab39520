package outputs

import (
	"fmt"

	"github.com/indicatord/indicatord/internal/indicator"
)

// PartialError says that the tool accepted a delivery but for some keys.
type PartialError struct {
	Refused []Refusal
}

// Refusal is one key that the tool did not accept.
type Refusal struct {
	Key    indicator.Key
	Reason string
	// Final is true where the same entry will be refused again: it is
	// quarantined until it changes. Otherwise it is offered again.
	Final bool
	// Doubtful is true where the tool may hold the entry as it was offered all the
	// same. It is offered again, and removed should it leave the view meanwhile.
	// It has no meaning beside Final.
	Doubtful bool
}

// Error counts the keys and gives the first reason.
func (e *PartialError) Error() string {
	if len(e.Refused) == 0 {
		return "no entry refused"
	}
	first := e.Refused[0]
	return fmt.Sprintf("%d entries refused; the first, %s: %s", len(e.Refused), first.Key, first.Reason)
}
