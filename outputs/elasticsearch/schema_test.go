package elasticsearch

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

const index = "logs-ti_indicatord"

func TestFirstDeliveryInstallsTheSchema(t *testing.T) {
	f := newFake(t)
	deliver(t, f.open(t, nil), adds())
	want := []string{
		"GET /" + index,
		"PUT /_component_template/" + index + "@indicatord",
		"PUT /_index_template/" + index,
		"PUT /" + index + "-000001",
		"GET /" + index,
	}
	if diff := cmp.Diff(want, f.served()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	var template struct {
		IndexPatterns []string `json:"index_patterns"`
		ComposedOf    []string `json:"composed_of"`
		DataStream    any      `json:"data_stream"`
		Version       int
	}
	if err := json.Unmarshal(f.templates["_index_template/"+index], &template); err != nil {
		t.Fatal(err)
	}
	if template.DataStream != nil || template.Version != schemaVersion ||
		!slices.Equal(template.IndexPatterns, []string{index, index + "-0*"}) ||
		!slices.Equal(template.ComposedOf, []string{index + "@indicatord", index + "@custom"}) {
		t.Errorf("index template: %+v", template)
	}
}

func TestLaterDeliveriesLeaveTheSchemaAlone(t *testing.T) {
	f := newFake(t)
	o := f.open(t, nil)
	deliver(t, o, adds())
	set := len(f.served())
	deliver(t, o, adds())
	if diff := cmp.Diff([]string{"GET /" + index}, f.served()[set:]); diff != "" {
		t.Errorf("requests of a delivery of nothing (-want +got):\n%s", diff)
	}
	set = len(f.served())
	deliver(t, f.open(t, nil), adds())
	if diff := cmp.Diff([]string{"GET /" + index, "POST /" + index + "/_refresh", "POST /" + index + "/_count"}, f.served()[set:]); diff != "" {
		t.Errorf("requests after a start (-want +got):\n%s", diff)
	}
}

func TestOlderMappingsAreBroughtUpToDate(t *testing.T) {
	f := newFake(t)
	f.indices[index] = json.RawMessage(`{"properties":{}}`)
	deliver(t, f.open(t, nil), adds())
	if diff := cmp.Diff("PUT /"+index+"/_mapping", f.served()[3]); diff != "" {
		t.Errorf("fourth request (-want +got):\n%s", diff)
	}
	if !strings.Contains(string(f.indices[index]), "ip_range") {
		t.Errorf("mappings: %s", f.indices[index])
	}
}

func TestNewerMappingsAreLeftAlone(t *testing.T) {
	f := newFake(t)
	f.indices[index] = json.RawMessage(`{"_meta":{"indicatord":{"version":99}}}`)
	deliver(t, f.open(t, nil), adds())
	if diff := cmp.Diff([]string{"GET /" + index, "POST /" + index + "/_refresh", "POST /" + index + "/_count"}, f.served()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// An index that is gone is made again and filled with the whole view, although
// the changes alone would not bring it back.
func TestDeletedIndexIsFilledAgain(t *testing.T) {
	entries := outputtest.Entries(1, 20)
	view := outputtest.NewView(entries...)
	for _, tt := range []struct {
		name   string
		notice func(*testing.T, *fake, *output) *output
	}{
		{"at the next start", func(t *testing.T, f *fake, _ *output) *output {
			return f.open(t, nil)
		}},
		{"by the next delivery", func(_ *testing.T, _ *fake, o *output) *output { return o }},
		{"by a write", func(t *testing.T, f *fake, o *output) *output {
			f.answer = failing(f, "POST /"+index+"/_bulk", 404, noAlias.Type, noAlias.Reason) // deleted in this moment
			if _, err := o.Deliver(t.Context(), adds(entries[0])); err == nil {
				t.Error("no error, though the index is gone")
			}
			f.set(func(f *fake) { f.answer = nil })
			return o
		}},
		{"after somebody has made it again", func(t *testing.T, f *fake, o *output) *output {
			deliver(t, f.open(t, nil), adds())
			return o
		}},
		{"at a start after somebody has made it again", func(t *testing.T, f *fake, _ *output) *output {
			deliver(t, f.open(t, nil), adds())
			return f.open(t, nil)
		}},
		{"when the first try to fill it fails", func(t *testing.T, f *fake, _ *output) *output {
			o := f.open(t, nil)
			f.set(func(f *fake) { f.answer = failing(f, "POST ", 500, "exception", "out of order") })
			if _, err := o.Deliver(t.Context(), view.Delivery()); err == nil {
				t.Error("no error, though the cluster was out of order")
			}
			f.set(func(f *fake) { f.answer = nil })
			return o
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			o := f.open(t, nil)
			deliver(t, o, view.Delivery())
			f.set((*fake).lose)
			o = tt.notice(t, f, o)
			deliver(t, o, outputtest.NewDelivery(entries, nil))
			if got := f.keys(t); len(got) != len(entries) {
				t.Errorf("the index holds %d documents, want %d", len(got), len(entries))
			}
		})
	}
}

func TestAnIndexMadeInTheMeantimeIsFine(t *testing.T) {
	f := newFake(t)
	f.answer = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && r.URL.Path == "/"+index+"-000001" {
			f.make(index+"-000001", json.RawMessage(`{"aliases":{"`+index+`":{}}}`))
		}
		return false
	}
	deliver(t, f.open(t, nil), adds())
}

// An index of the name itself, as older releases made it, is used as it is.
func TestAPlainIndexStaysOne(t *testing.T) {
	f := newFake(t)
	f.indices[index] = mappings
	deliver(t, f.open(t, nil), adds(outputtest.Entries(1, 2)...))
	want := []string{"GET /" + index, "POST /" + index + "/_refresh", "POST /" + index + "/_count", "POST /" + index + "/_bulk"}
	if diff := cmp.Diff(want, f.served()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestUnfitPlacesAreRefused(t *testing.T) {
	for _, tt := range []struct {
		name      string
		arrange   func(*fake)
		want      string
		permanent bool
	}{
		{"a data stream", func(f *fake) {
			f.indices[index], f.dataStream = json.RawMessage(`{}`), true
		}, "is a data stream", true},
		{"mappings that contradict", func(f *fake) {
			f.indices[index] = json.RawMessage(`{}`)
			f.answer = failing(f, "PUT /"+index, 400, "illegal_argument_exception",
				"mapper [threat.indicator.ip] cannot be changed from type [keyword] to [ip]")
		}, "mapper [threat.indicator.ip] cannot be changed from type [keyword] to [ip]", true},
		{"no right to templates", func(f *fake) {
			f.answer = failing(f, "PUT /_component_template", 403, "security_exception", "action is unauthorized")
		}, "manage_index_templates", true},
		{"no right to read", func(f *fake) {
			f.answer = failing(f, "GET ", 403, "security_exception", "action is unauthorized")
		}, "looking up the index", true},
		{"no right to make an index", func(f *fake) {
			f.answer = failing(f, "PUT /"+index, 403, "security_exception", "action is unauthorized")
		}, "creating the index", true},
		{"an index without its alias", func(f *fake) {
			f.indices[index+"-000001"] = mappings
		}, "but not behind the alias " + index, true},
		{"no master", func(f *fake) {
			f.answer = failing(f, "PUT ", 500, "master_not_discovered_exception", "no master")
		}, "no master", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			tt.arrange(f)
			_, err := f.open(t, nil).Deliver(t.Context(), adds(outputtest.Entries(1, 2)...))
			if err == nil || !strings.Contains(err.Error(), tt.want) || plugin.IsPermanent(err) != tt.permanent {
				t.Errorf("err = %v (permanent %t), want one with %q (permanent %t)", err, plugin.IsPermanent(err), tt.want, tt.permanent)
			}
			if len(f.keys(t)) != 0 {
				t.Error("documents were written")
			}
		})
	}
}

func TestAliasNeedsOneWriteIndex(t *testing.T) {
	for answer, usable := range map[string]bool{
		`{"a":{"aliases":{"logs-ti_indicatord":{"is_write_index":true}}},"b":{"aliases":{"logs-ti_indicatord":{}}}}`: true,
		`{"a":{"aliases":{"logs-ti_indicatord":{}}},"b":{"aliases":{"logs-ti_indicatord":{}}}}`:                      false,
		`{"a":{"aliases":{"logs-ti_indicatord":{}}}}`:                                                                true,
		// What has rolled over, say: a document in the older index would never leave it.
		`{"a":{"aliases":{"logs-ti_indicatord":{"is_write_index":true}},"mappings":{"_meta":{"indicatord":{"version":4}}}},` +
			`"b":{"aliases":{"logs-ti_indicatord":{}},"mappings":{"_meta":{"indicatord":{"version":3}}}}}`: false,
	} {
		var h holdings
		if err := json.Unmarshal([]byte(answer), &h); err != nil {
			t.Fatal(err)
		}
		if err := h.usable(index); (err == nil) != usable {
			t.Errorf("usable(%s) = %v", answer, err)
		}
	}
}

// field is one of mappings.json.
type field struct {
	Type       string
	Properties map[string]field
}

// Every field that a document can have is mapped, so nothing depends on what the
// cluster would guess, and a document of any kind can be found by all it says.
func TestEveryFieldOfADocumentIsMapped(t *testing.T) {
	var root field
	if err := json.Unmarshal(mappings, &root); err != nil {
		t.Fatal(err)
	}
	for _, e := range outputtest.EachShape() {
		text, err := json.Marshal(ecs.Document("plant-07", &e, outputtest.Now))
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		checkMapped(t, e.Key, "", doc, root)
	}
}

func checkMapped(t *testing.T, key indicator.Key, path string, doc map[string]any, in field) {
	t.Helper()
	for name, value := range doc {
		mapped, ok := in.Properties[name]
		if !ok {
			t.Errorf("%s: %s%s is not mapped", key, path, name)
			continue
		}
		if inner, ok := value.(map[string]any); ok {
			checkMapped(t, key, path+name+".", inner, mapped)
		} else if mapped.Type == "" {
			t.Errorf("%s: %s%s is mapped as an object", key, path, name)
		}
	}
}

func TestMappingsKeepToTypesOfEveryDistribution(t *testing.T) {
	allowed := []string{"", "byte", "date", "ip", "ip_range", "keyword", "long", "object", "text"}
	var check func(string, field)
	check = func(path string, f field) {
		if !slices.Contains(allowed, f.Type) {
			t.Errorf("%s is of type %s", path, f.Type)
		}
		for name, inner := range maps.All(f.Properties) {
			check(path+"."+name, inner)
		}
	}
	var root field
	if err := json.Unmarshal(mappings, &root); err != nil {
		t.Fatal(err)
	}
	check("", root)
	if got := root.Properties["threat"].Properties["indicator"].Properties["ip"].Type; got != "ip" {
		t.Errorf("threat.indicator.ip is of type %q: Elastic's rules fail on anything but ip", got)
	}
	if got := root.Properties["indicatord"].Properties["range"].Type; got != "ip_range" {
		t.Errorf("indicatord.range is of type %q, want ip_range", got)
	}
}

func TestMappingsCarryTheSchemaVersion(t *testing.T) {
	var h holdings
	if err := json.Unmarshal([]byte(`{"x":{"mappings":`+string(mappings)+`}}`), &h); err != nil {
		t.Fatal(err)
	}
	if got := h.version("x"); got != schemaVersion {
		t.Errorf("mappings.json holds version %d, the code %d", got, schemaVersion)
	}
}
