package elasticsearch

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/indicatord/indicatord/internal/httpx"
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
		if dropped(r) || r.Error.Type != "" {
			return refused
		}
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
			return forbiddenOrGone(r.Error.Reason)
		}
	case http.StatusBadRequest:
		if !ofIndex(r) {
			return unfit
		}
	}
	return refused
}

// dropped reports whether an ingest pipeline has thrown the document away. The
// cluster calls that a success.
func dropped(r *result) bool { return r.Result == "noop" }

// autoCreate is the right that a write takes where there is no index.
const autoCreate = "indices:admin/auto_create"

// forbiddenOrGone tells an account that may not write from one that may not make
// the index that it was to write to: that it would have to be made says that
// somebody has deleted it.
func forbiddenOrGone(reason string) verdict {
	if strings.Contains(reason, autoCreate) {
		return indexGone
	}
	return forbidden
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

// reason is what the cluster says of a result that is not a success, and what an
// operator can do about it.
func reason(r *result) string {
	if dropped(r) {
		return "an ingest pipeline of the index drops it (see index.default_pipeline and index.final_pipeline)"
	}
	text := reasonText(r.Error.Type, r.Error.Reason)
	if cause := reasonText(r.Error.Cause.Type, r.Error.Cause.Reason); cause != "" {
		text += " (" + cause + ")"
	}
	if text == "" {
		return fmt.Sprintf("status %d", r.Status)
	}
	if strings.Contains(r.Error.Reason, autoCreate) || strings.Contains(r.Error.Reason, "require_alias") {
		return text + "; somebody has deleted the index: it is made again and filled with everything"
	}
	return text + remedy(r.Error.Type, r.Error.Reason)
}

// blocked is the type of what the cluster says where somebody or a full disk has
// made an index read-only.
const blocked = "cluster_block_exception"

// remedies say what lifts a block, by the number that Elasticsearch gives it.
var remedies = []struct{ block, remedy string }{
	{"/5/", `lift it by setting index.blocks.read_only to null`},
	{"/6/", `lift it by setting cluster.blocks.read_only to null in the settings of the cluster`},
	{"/8/", `lift it by setting index.blocks.write to null`},
	{"/12/", `free space on the disks of the cluster, which then lifts it; before Elasticsearch 7.4, set index.blocks.read_only_allow_delete to null too`},
	{"/13/", `lift it by setting cluster.blocks.read_only_allow_delete to null in the settings of the cluster`},
}

// remedy says what lifts a block, "" for anything else.
func remedy(kind, reason string) string {
	if kind != blocked {
		return ""
	}
	for _, r := range remedies {
		if strings.Contains(reason, r.block) {
			return "; nothing is lost: it is written again until the block is gone; " + r.remedy
		}
	}
	return ""
}

// classify says what an answer means that is not a success. A block of the whole
// cluster is answered with 403, as a missing right is, but goes away by itself or
// by the hand of an administrator.
func classify(answer *answerError, res *http.Response) error {
	err := error(answer)
	if hint := remedy(answer.Type, answer.Detail); hint != "" {
		err = fmt.Errorf("%w%s", answer, hint)
	}
	if answer.Type == blocked && answer.Code == http.StatusForbidden {
		return err
	}
	return httpx.Classify(err, res.StatusCode, res.Header)
}
