package elasticsearch

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// answerBulk answers bulk requests with what is made of the ids of their items.
func answerBulk(f *fake, results func(ids []string) []string) {
	f.answer = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/_bulk") {
			return false
		}
		var ids []string
		for in := json.NewDecoder(r.Body); ; {
			var line struct {
				Index struct {
					ID string `json:"_id"`
				} `json:"index"`
			}
			if in.Decode(&line) != nil {
				break
			}
			if line.Index.ID != "" {
				ids = append(ids, line.Index.ID)
			}
		}
		_, _ = fmt.Fprintf(w, `{"took":1,"errors":false,"items":[%s]}`, strings.Join(results(ids), ","))
		return true
	}
}

// Results in another order are those of other documents: nothing is known then.
func TestResultsHaveToBeInOrder(t *testing.T) {
	f := newFake(t)
	answerBulk(f, func(ids []string) (results []string) {
		for i := range ids {
			results = append(results, fmt.Sprintf(`{"index":{"_id":%q,"status":201,"result":"created"}}`, ids[len(ids)-1-i]))
		}
		return results
	})
	_, err := f.open(t, nil).Deliver(t.Context(), adds(outputtest.Entries(1, 4)...))
	var partial *outputs.PartialError
	if err == nil || errors.As(err, &partial) || !strings.Contains(err.Error(), "where that of") {
		t.Errorf("err = %v, want a whole failure that names the documents", err)
	}
}

// What a cluster calls a success and is none is offered again.
func TestSuccessesThatAreNone(t *testing.T) {
	for name, tt := range map[string]struct{ result, want string }{
		"dropped by a pipeline":       {`"status":200,"result":"noop","_version":-3`, "ingest pipeline"},
		"an error with a good status": {`"status":200,"error":{"type":"odd_exception","reason":"of no known meaning"}`, "of no known meaning"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			answerBulk(f, func(ids []string) (results []string) {
				for i, id := range ids {
					result := `"status":201,"result":"created"`
					if i == 0 {
						result = tt.result
					}
					results = append(results, fmt.Sprintf(`{"index":{"_id":%q,%s}}`, id, result))
				}
				return results
			})
			receipt, err := f.open(t, nil).Deliver(t.Context(), adds(outputtest.Entries(1, 4)...))
			var partial *outputs.PartialError
			if !errors.As(err, &partial) || len(partial.Refused) != 1 || receipt.Written != 3 {
				t.Fatalf("receipt = %+v, err = %v, want one refused", receipt, err)
			}
			if refusal := partial.Refused[0]; refusal.Final || !strings.Contains(refusal.Reason, tt.want) {
				t.Errorf("refusal = %+v, want one that is offered again, with %q", refusal, tt.want)
			}
		})
	}
}
