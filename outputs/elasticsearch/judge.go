package elasticsearch

import (
	"fmt"
	"net/http"

	"github.com/indicatord/indicatord/outputs"
)

// verdict is what a result means for its item.
type verdict uint8

const (
	accepted  verdict = iota
	outdated          // the index has a newer version already
	refused           // not now: it is offered again
	unfit             // never: the document itself is at fault
	forbidden         // not before a person has given the account its rights
	indexGone         // not before the index is there again
)

// judge decides what a result means.
func judge(i *item, r *result) verdict {
	switch r.Status {
	case http.StatusOK, http.StatusCreated:
		return accepted
	case http.StatusConflict:
		return outdated
	case http.StatusNotFound:
		if i.op == outputs.Remove {
			return accepted
		}
		return indexGone
	case http.StatusForbidden:
		if r.Error.Type == "security_exception" {
			return forbidden
		}
	case http.StatusBadRequest:
		if !ofIndex(r) {
			return unfit
		}
	}
	return refused
}

// ofIndex reports whether a 400 tells of the state of the index rather than of
// the document. To take that for the document's fault would put a whole
// delivery into quarantine.
func ofIndex(r *result) bool {
	switch r.Error.Type {
	case "index_closed_exception", "validation_exception", "invalid_index_name_exception":
		return true
	case "illegal_argument_exception":
		return r.Error.Cause.Type != "max_bytes_length_exceeded_exception"
	}
	return false
}

// reason is what the cluster says of a result that is not a success.
func reason(r *result) string {
	text := reasonText(r.Error.Type, r.Error.Reason)
	if cause := reasonText(r.Error.Cause.Type, r.Error.Cause.Reason); cause != "" {
		text += " (" + cause + ")"
	}
	if text == "" {
		return fmt.Sprintf("status %d", r.Status)
	}
	return text
}
