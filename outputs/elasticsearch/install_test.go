package elasticsearch

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/secret"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// setUp runs the set-up and returns what it said.
func setUp(t *testing.T, o *output, how outputs.Installation) (string, error) {
	t.Helper()
	var said strings.Builder
	how.Out = &said
	err := o.Install(t.Context(), how)
	return said.String(), err
}

func withRetention(s *Settings) {
	withHistory(s)
	s.HistoryRetention = 90 * 24 * time.Hour
}

func TestInstall(t *testing.T) {
	f := newFake(t)
	o := f.open(t, withRetention)
	for _, state := range []string{"a cluster that has nothing", "one that is set up"} {
		said, err := setUp(t, o, outputs.Installation{})
		if err != nil {
			t.Fatalf("%s: %v", state, err)
		}
		for _, want := range []string{
			"done: PUT /_component_template/" + index + "@indicatord\n", "done: PUT /_index_template/" + index + "\n",
			"done: PUT /_ilm/policy/" + DefaultHistory + "\n", "PUT /_security/role/indicatord-plant-07-siem\n", `"create_doc"`,
		} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: it does not say %q:\n%s", state, want, said)
			}
		}
	}
	before := len(f.served())
	deliver(t, f.open(t, withRetention), adds(outputtest.Entries(1, 2)...))
	want := []string{"GET /" + index, "POST /" + index + "/_refresh", "POST /" + index + "/_count", "POST /" + index + "/_bulk", "GET /" + DefaultHistory, "POST /" + DefaultHistory + "/_bulk"}
	if diff := cmp.Diff(want, f.served()[before:]); diff != "" {
		t.Errorf("requests of the daemon afterwards (-want +got):\n%s", diff)
	}
	var component struct {
		Template struct {
			Settings struct {
				Index struct{ Lifecycle struct{ Name string } }
			}
		}
	}
	if err := json.Unmarshal(f.templates["_component_template/"+DefaultHistory+"@indicatord"], &component); err != nil || component.Template.Settings.Index.Lifecycle.Name != DefaultHistory {
		t.Errorf("component template: %+v, %v", component, err)
	}
	var policy struct {
		Policy struct {
			Phases struct {
				Delete struct {
					MinAge string `json:"min_age"`
				}
			}
		}
	}
	if err := json.Unmarshal(f.templates["_ilm/policy/"+DefaultHistory], &policy); err != nil || policy.Policy.Phases.Delete.MinAge != "2160h" {
		t.Errorf("policy: %+v, %v", policy, err)
	}
}

// A cluster without lifecycle policies is told of, and is set up all the same.
func TestInstallWithoutPolicies(t *testing.T) {
	f := newFake(t)
	f.answer = failing(f, "PUT /_ilm", 400, "illegal_argument_exception", "no handler found for uri [/_ilm/policy]")
	said, err := setUp(t, f.open(t, withRetention), outputs.Installation{})
	if err != nil || !strings.Contains(said, "takes no lifecycle policy") {
		t.Errorf("%v, it said:\n%s", err, said)
	}
	if strings.Contains(string(f.templates["_component_template/"+DefaultHistory+"@indicatord"]), "lifecycle") {
		t.Error("the template names a policy that is not there")
	}
}

// Nothing is sent, and what would be sent is shown as the console of Kibana takes
// it.
func TestDryRun(t *testing.T) {
	for _, tt := range []struct {
		flavor Flavor
		golden string
	}{{Elasticsearch, "setup-elasticsearch.txt"}, {OpenSearch, "setup-opensearch.txt"}} {
		t.Run(string(tt.flavor), func(t *testing.T) {
			f := newFake(t)
			said, err := setUp(t, f.open(t, func(s *Settings) { withRetention(s); s.Flavor = tt.flavor }), outputs.Installation{DryRun: true})
			if err != nil {
				t.Fatal(err)
			}
			if got := f.served(); len(got) != 0 {
				t.Errorf("sent: %v", got)
			}
			// The mappings are a file of their own, and times pass.
			text := hideMappings(t, said)
			path := filepath.Join("testdata", tt.golden)
			if *update {
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), text); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		})
	}
}

// hideMappings takes the mappings and the times out of a dry run.
func hideMappings(t *testing.T, text string) string {
	t.Helper()
	var out strings.Builder
	hidden := false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, `      "mappings": {`) || strings.HasPrefix(line, `    "mappings": {`):
			hidden = true
			out.WriteString("    \"mappings\": …\n")
		case hidden && (strings.HasPrefix(line, "    }")):
			hidden = false
		case hidden:
		case strings.Contains(line, `"@timestamp"`):
			out.WriteString("  \"@timestamp\": …\n")
		default:
			out.WriteString(line)
		}
	}
	return out.String()
}

func TestInstallUnderAnotherAccount(t *testing.T) {
	f := newFake(t)
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := f.open(t, func(s *Settings) {
		s.Auth = httpx.Auth{APIKey: &secret.Ref{File: filepath.Join(t.TempDir(), "not-yet-there")}}
	})
	said, err := setUp(t, o, outputs.Installation{Username: "elastic", PasswordFile: path})
	if err != nil || strings.Contains(said, "hunter2") {
		t.Errorf("%v, it said:\n%s", err, said)
	}
	if _, err := setUp(t, o, outputs.Installation{}); err == nil {
		t.Error("the account of the settings has no key yet, and nothing failed")
	}
}

func TestInstallRefuses(t *testing.T) {
	for _, tt := range []struct {
		name    string
		arrange func(*fake)
		want    string
	}{
		{"mappings that contradict", func(f *fake) {
			f.indices[index] = json.RawMessage(`{}`)
			f.answer = failing(f, "PUT /"+index, 400, "illegal_argument_exception", "mapper [threat.indicator.ip] cannot be changed from type [keyword] to [ip]")
		}, "threat.indicator.ip"},
		{"an index in place of the data stream", func(f *fake) { f.indices[DefaultHistory] = json.RawMessage(`{}`) }, "is an index and not a data stream"},
		{"no rights", func(f *fake) {
			f.answer = failing(f, "PUT /_component", 403, "security_exception", "action is unauthorized")
		}, "manage_index_templates"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			tt.arrange(f)
			if said, err := setUp(t, f.open(t, withHistory), outputs.Installation{}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("err = %v, want one with %q; it said:\n%s", err, tt.want, said)
			}
		})
	}
}

// A daemon that may not prepare the index says what to run.
func TestWithoutSetupTheMessageSaysWhatToRun(t *testing.T) {
	f := newFake(t)
	f.answer = failing(f, "PUT /_component_template", 403, "security_exception", "action is unauthorized")
	_, err := f.open(t, nil).Deliver(t.Context(), adds(outputtest.Entries(1, 2)...))
	if err == nil || !strings.Contains(err.Error(), "run: indicatord setup siem") {
		t.Errorf("err = %v, want one that says what to run", err)
	}
}
