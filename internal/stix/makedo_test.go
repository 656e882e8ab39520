package stix

import (
	"encoding/json"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
)

// TestUnreadableTypesAreNotForgotten: what a hub calls benign must not be blocked
// because it says so in the wrong form.
func TestUnreadableTypesAreNotForgotten(t *testing.T) {
	for name, tt := range map[string]struct {
		changed members
		want    indicator.TypeSet
	}{
		"a string":                     {members{"indicator_types": "benign"}, indicator.TypeBenign},
		"a number among them":          {members{"indicator_types": []any{"benign", 5}}, indicator.TypeBenign},
		"a number":                     {members{"indicator_types": 5}, indicator.TypeUnknown},
		"an object":                    {members{"indicator_types": members{"a": "benign"}}, indicator.TypeUnknown},
		"a string of labels, STIX 2.0": {members{"labels": "benign"}, indicator.TypeBenign},
		"labels with a list":           {members{"labels": []any{[]any{}, "benign"}}, indicator.TypeBenign},
		"a number of labels":           {members{"labels": 5}, 0},
		"null":                         {members{"indicator_types": json.RawMessage("null")}, 0},
	} {
		d := mustDerive(t, indicatorJSON(t, tt.changed), Options{})
		if len(d.Assertions) != 1 || d.Assertions[0].Assertion.Types != tt.want {
			t.Errorf("%s: the assertions are %+v, want the types %b", name, d.Assertions, tt.want)
		}
	}
}
