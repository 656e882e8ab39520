package ecs

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
)

// TestObjects: each object tells what it alone says, with its own marking.
func TestObjects(t *testing.T) {
	e := several()
	e.Assertions = append(e.Assertions, indicator.Assertion{Source: "without a text"})
	objects := Objects(e)
	if len(objects) != 2 {
		t.Fatalf("%d objects, want the two that have a text", len(objects))
	}
	text, err := json.Marshal(objects[1])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"source":"national-cert","id":"indicator--0c1d2e3f-0000-4000-8000-000000000001",` +
		`"labels":["sector:water"],"remainder":["like"],"modified":"2026-05-31T08:15:00Z",` +
		`"valid_from":"2026-05-19T00:00:00Z","marking":{"tlp":"GREEN","tlp_version":"2.0"}}`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if first := objects[0]; first.Marking.TLP != "AMBER+STRICT" || *first.Confidence != 85 || first.Threats[0].Name != "Example Wiper" {
		t.Errorf("the first object: %+v", first)
	}
}

func TestDocumentHasNoObjectsUnlessAsked(t *testing.T) {
	if doc := Document("plant-07", several(), now); doc.Indicatord.Objects != nil || doc.Indicatord.Revision != "" {
		t.Errorf("objects %v, revision %q", doc.Indicatord.Objects, doc.Indicatord.Revision)
	}
}
