package elasticsearch

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
)

// fake is as much of an Elasticsearch cluster as the output speaks to, with
// faults to order. Its versions work as those of a real one, which the tests
// under the build tag "real" see to.
type fake struct {
	*httptest.Server
	t *testing.T

	mu         sync.Mutex
	indices    map[string]json.RawMessage // the mappings by name
	aliases    map[string]string          // which index each stands for
	dataStream bool
	templates  map[string]json.RawMessage // component and index templates by path
	documents  map[string]document
	versions   map[string]int64           // of deleted documents too
	records    map[string]json.RawMessage // of the history, by id
	requests   []string
	bulkSizes  []int
	sequence   int // counts the writes
	made       int // counts the indices, and is the UUID of the last one
	// snapshot is the state that a point in time shows, in order, nil while none
	// is open.
	snapshot []hit

	// answer replaces the answer to a request where it returns true.
	answer func(w http.ResponseWriter, r *http.Request) bool
	// fault replaces the result of one item where it returns one.
	fault func(action, id string) *faultResult
}

type document struct {
	Version int64
	Source  json.RawMessage
}

// faultResult is a result that is not a success.
type faultResult struct {
	Status                        int
	Type, Reason, Cause, CauseWhy string
}

// noAlias is the result of a write to an alias that is gone.
var noAlias = faultResult{Status: 404, Type: "index_not_found_exception", Reason: "no such index [x] and [require_alias] request flag is [true] and [x] is not an alias"}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{
		t: t, indices: map[string]json.RawMessage{}, aliases: map[string]string{}, records: map[string]json.RawMessage{}, templates: map[string]json.RawMessage{},
		documents: map[string]document{}, versions: map[string]int64{},
	}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

// open makes an output that writes to the fake.
func (f *fake) open(t *testing.T, change func(*Settings)) *output {
	t.Helper()
	s := f.settings()
	if change != nil {
		change(s)
	}
	return openWith(t, s)
}

func (f *fake) settings() *Settings {
	s := Defaults()
	s.Addresses = []string{f.URL}
	return s
}

func openWith(t *testing.T, s *Settings) *output {
	t.Helper()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	opened, err := s.Open(plugin.Env{Site: "plant-07", Name: "siem", Agent: "indicatord/test"})
	if err != nil {
		t.Fatal(err)
	}
	o := opened.(*output)
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return o
}

// set changes the fake's faults while it serves.
func (f *fake) set(change func(*fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

// keys reads the documents back, in order.
func (f *fake) keys(t *testing.T) []indicator.Key {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	var keys []indicator.Key
	for _, d := range f.documents {
		keys = append(keys, keyOf(t, d.Source))
	}
	slices.SortFunc(keys, indicator.Compare)
	return keys
}

// wantVersion checks the version of the document of an entry, 0 for none.
func (f *fake) wantVersion(t *testing.T, e indicator.Entry, want int64) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if got := f.documents[ecs.DocumentID("plant-07", e.Key)].Version; got != want {
		t.Errorf("the version of %s is %d (epoch %d, sequence %d), want %d", e.Key, got, epochOf(got), sequenceOf(got), want)
	}
}

// keyOf reads the key that a document is about.
func keyOf(t *testing.T, source []byte) indicator.Key {
	t.Helper()
	var d struct {
		Threat struct {
			Indicator struct{ Name string }
		}
		Indicatord struct{ Kind indicator.Kind }
	}
	if err := json.Unmarshal(source, &d); err != nil {
		t.Fatalf("document %s: %v", source, err)
	}
	return indicator.Key{Kind: d.Indicatord.Kind, Value: d.Threat.Indicator.Name}
}

func (f *fake) served() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

// ServeHTTP answers one request.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r.Method+" "+r.URL.Path)
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	if f.answer != nil && f.answer(w, r) {
		return
	}
	switch path := strings.Trim(r.URL.Path, "/"); {
	case path == "":
		f.write(w, 200, map[string]any{"cluster_name": "plant", "version": map[string]any{"number": "8.19.0"}})
	case strings.Contains(path, "/_create/"):
		f.begin(w, r, path)
	case strings.HasSuffix(path, "/_bulk"):
		f.bulk(w, r)
	case strings.HasSuffix(path, "/_refresh") && f.indices[f.resolve(strings.TrimSuffix(path, "/_refresh"))] != nil:
		f.write(w, 200, map[string]any{})
	case strings.HasSuffix(path, "/_refresh"):
		f.fail(w, 404, "index_not_found_exception", "no such index")
	case strings.HasSuffix(path, "/_count"):
		f.write(w, 200, map[string]any{"count": len(f.documents)})
	case strings.HasSuffix(path, "_pit"):
		f.pit(w, r, strings.TrimSuffix(path, "/_pit"))
	case path == "_search":
		f.search(w, r)
	case strings.HasPrefix(path, "_") && r.Method == http.MethodGet && f.templates[path] == nil:
		f.fail(w, 404, "resource_not_found_exception", "no such template")
	case strings.HasPrefix(path, "_") && r.Method == http.MethodGet:
		f.write(w, 200, map[string]any{})
	case strings.HasPrefix(path, "_"):
		f.templates[path] = f.body(r)
		f.write(w, 200, map[string]any{"acknowledged": true})
	default:
		f.index(w, r, path)
	}
}

// resolve returns the index that a name stands for.
func (f *fake) resolve(name string) string {
	if index, ok := f.aliases[name]; ok {
		return index
	}
	return name
}

// make makes an index, with the aliases of the request.
func (f *fake) make(name string, request json.RawMessage) {
	var with struct{ Aliases map[string]any }
	if len(request) > 0 && json.Unmarshal(request, &with) != nil {
		f.t.Errorf("making %s: %s", name, request)
	}
	f.made++
	f.indices[name] = json.RawMessage("{}")
	for alias := range with.Aliases {
		f.aliases[alias] = name
		f.indices[name] = f.mappingsFor(alias)
	}
}

// lose forgets the index as if somebody had deleted it.
func (f *fake) lose() {
	clear(f.indices)
	clear(f.aliases)
	clear(f.documents)
	clear(f.versions)
}

// index answers requests for an index and its mappings.
func (f *fake) index(w http.ResponseWriter, r *http.Request, path string) {
	asked, what, _ := strings.Cut(path, "/")
	name := f.resolve(asked)
	current, found := f.indices[name]
	switch {
	case r.Method == http.MethodGet && !found:
		f.fail(w, 404, "index_not_found_exception", "no such index ["+name+"]")
		return
	case r.Method == http.MethodGet:
		held := map[string]any{"aliases": map[string]any{}, "mappings": current, "settings": map[string]any{"index": map[string]any{"uuid": fmt.Sprint(f.made)}}}
		if name != asked {
			held["aliases"] = map[string]any{asked: map[string]any{"is_write_index": true}}
		}
		if f.dataStream || f.streams(name) {
			held["data_stream"] = name
		}
		f.write(w, 200, map[string]any{name: held})
		return
	case what == "_mapping":
		f.indices[name] = f.body(r)
	case found:
		f.fail(w, 400, "resource_already_exists_exception", "index ["+name+"] already exists")
		return
	default:
		f.make(name, f.body(r))
	}
	f.write(w, 200, map[string]any{"acknowledged": true})
}

// mappingsFor returns what the installed templates give a new index.
func (f *fake) mappingsFor(index string) json.RawMessage {
	if f.templates["_index_template/"+index] == nil {
		return json.RawMessage("{}")
	}
	var component struct {
		Template struct{ Mappings json.RawMessage }
	}
	if err := json.Unmarshal(f.templates["_component_template/"+index+"@indicatord"], &component); err != nil {
		f.t.Errorf("component template: %v", err)
	}
	return component.Template.Mappings
}

type action struct {
	ID          string `json:"_id"`
	Version     int64  `json:"version"`
	VersionType string `json:"version_type"`
}

// bulk answers a bulk request item by item.
func (f *fake) bulk(w http.ResponseWriter, r *http.Request) {
	in := bufio.NewReader(r.Body)
	var results []any
	name, _, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	missing := r.URL.Query().Get("require_alias") == "true" && f.aliases[name] == ""
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			break
		}
		if err != nil && err != io.EOF {
			return // the client has gone, and took the rest of its request along
		}
		var named map[string]action
		if json.Unmarshal(line, &named) != nil || len(named) != 1 {
			f.t.Errorf("not an action: %q", line)
			break
		}
		for name, a := range maps.All(named) {
			var source []byte
			if name == "index" || name == "create" {
				source, _ = in.ReadBytes('\n')
			}
			if missing && name == "index" {
				results = append(results, map[string]any{name: noAlias.result(a.ID)})
				continue
			}
			results = append(results, map[string]any{name: f.one(name, a, source)})
		}
	}
	f.bulkSizes = append(f.bulkSizes, len(results))
	f.write(w, 200, map[string]any{"took": 1, "errors": true, "items": results})
}

// one carries out one action as a cluster does with version_type external_gte.
func (f *fake) one(name string, a action, source []byte) any {
	if name == "create" {
		return f.create(a.ID, source)
	}
	if a.VersionType == "" && name == "delete" { // as a repair deletes
		a.VersionType, a.Version = "external_gte", f.versions[a.ID]+1
	}
	if a.VersionType != "external_gte" || len(a.ID) != 52 {
		f.t.Errorf("action %s: %+v", name, a)
	}
	if f.fault != nil {
		if fault := f.fault(name, a.ID); fault != nil {
			return fault.result(a.ID)
		}
	}
	before, known := f.versions[a.ID]
	_, held := f.documents[a.ID]
	if known && a.Version < before {
		return (&faultResult{Status: 409, Type: "version_conflict_engine_exception", Reason: fmt.Sprintf(
			"[%s]: version conflict, current version [%d] is higher than the one provided [%d]", a.ID, before, a.Version)}).result(a.ID)
	}
	f.versions[a.ID] = a.Version
	f.sequence++
	if name == "delete" {
		delete(f.documents, a.ID)
		if !held {
			return map[string]any{"_id": a.ID, "status": 404, "result": "not_found"}
		}
		return map[string]any{"_id": a.ID, "status": 200, "result": "deleted", "_seq_no": f.sequence}
	}
	f.documents[a.ID] = document{Version: a.Version, Source: source}
	if held {
		return map[string]any{"_id": a.ID, "status": 200, "result": "updated", "_seq_no": f.sequence}
	}
	return map[string]any{"_id": a.ID, "status": 201, "result": "created", "_seq_no": f.sequence}
}

func (r *faultResult) result(id string) any {
	cause := map[string]any{"type": r.Type, "reason": r.Reason}
	if r.Cause != "" {
		cause["caused_by"] = map[string]any{"type": r.Cause, "reason": r.CauseWhy}
	}
	return map[string]any{"_id": id, "status": r.Status, "error": cause}
}

func (f *fake) body(r *http.Request) json.RawMessage {
	body, err := io.ReadAll(r.Body)
	if err != nil || !json.Valid(body) {
		f.t.Errorf("%s %s: body %q, %v", r.Method, r.URL.Path, body, err)
	}
	return body
}

func (f *fake) write(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		f.t.Errorf("answering: %v", err)
	}
}

func (f *fake) fail(w http.ResponseWriter, status int, kind, reason string) {
	f.write(w, status, map[string]any{"status": status, "error": map[string]any{"type": kind, "reason": reason}})
}

// failing makes an answer of an error for requests whose method and path start
// with the text.
func failing(f *fake, start string, status int, kind, reason string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.Method+" "+r.URL.Path, start) {
			return false
		}
		f.fail(w, status, kind, reason)
		return true
	}
}

// breakOff makes the cluster answer everything with 500, until it is mended.
func (f *fake) breakOff(*testing.T) (mend func()) {
	f.set(func(f *fake) { f.answer = failing(f, "", 500, "exception", "out of order") })
	return func() { f.set(func(f *fake) { f.answer = nil }) }
}

func (r *faultResult) String() string { return fmt.Sprintf("%d %s", r.Status, r.Type) }

// answerAll answers a bulk request with a success for each item, as fast as it
// can.
func answerAll(w io.Writer, r *http.Request) {
	const result = `{"index":{"status":200}}`
	lines := 0
	for in := bufio.NewScanner(r.Body); in.Scan(); {
		lines++
	}
	results := strings.TrimSuffix(strings.Repeat(result+",", lines/2), ",")
	_, _ = io.WriteString(w, `{"items":[`+results+`]}`)
}
