package stix_test

import (
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/stix"
)

// deepObject is an object whose property nests so many lists.
func deepObject(id string, lists int) string {
	return `{"type":"indicator","id":"` + id + `","x_deep":` + strings.Repeat("[", lists) + strings.Repeat("]", lists) + `}`
}

// TestOneDeepObjectIsItsOwnTrouble: the page around it is read to its end.
func TestOneDeepObjectIsItsOwnTrouble(t *testing.T) {
	deep, plain := deepObject("indicator--deep", 20_000), `{"type":"indicator","id":"indicator--plain"}`
	for name, page := range map[string]string{
		"before the members": `{"objects":[` + deep + `,` + plain + `],"more":true,"next":"n"}`,
		"after the members":  `{"more":true,"next":"n","objects":[` + plain + `, ` + deep + ` ]}`,
		"several":            `{"objects":[` + deep + `,` + plain + `,` + deep + `],"more":true,"next":"n"}`,
	} {
		envelope, err := stix.SplitEnvelope([]byte(page))
		if err != nil || !envelope.More || envelope.Next != "n" || len(envelope.Objects) != strings.Count(page, `"type"`) {
			t.Errorf("%s: %d objects, more %v, %v", name, len(envelope.Objects), envelope.More, err)
		}
		for _, raw := range envelope.Objects {
			if string(raw) != deep && string(raw) != plain {
				t.Errorf("%s: an object is %.60q", name, raw)
			}
		}
	}
	d, err := stix.Derive([]byte(deep), stix.Options{})
	if err != nil || d.Header.ID != "indicator--deep" || len(d.Rejects) != 1 || d.Rejects[0].Code != stix.CodeInvalidJSON || len(d.Rejects[0].Detail) > 300 {
		t.Errorf("the deep object gives %+v, %v", d.Rejects, err)
	}
}

// TestADeepPageIsNoPage: what is broken or deep around the objects stays an error.
func TestADeepPageIsNoPage(t *testing.T) {
	for name, page := range map[string]string{
		"a deep member":              `{"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `y,"objects":[]}`,
		"the end is missing":         `{"objects":[` + deepObject("indicator--deep", 20_000),
		"a string is never closed":   `{"objects":[` + deepObject("indicator--deep", 20_000) + `,"`,
		"a closing bracket too many": `]]]]` + `{"objects":[]}`,
	} {
		if _, err := stix.SplitEnvelope([]byte(page)); err == nil {
			t.Errorf("%s: there is no error", name)
		}
	}
}
