package elasticsearch

import (
	"encoding/json"
	"net/http"
	"strings"
)

// streams reports whether a name is that of the data stream, which its first
// document makes.
func (f *fake) streams(name string) bool { return len(f.records) > 0 && name == DefaultHistory }

// begin creates one document, and with it the data stream that the templates
// describe.
func (f *fake) begin(w http.ResponseWriter, r *http.Request, path string) {
	name, id, _ := strings.Cut(path, "/_create/")
	var template struct {
		DataStream map[string]any `json:"data_stream"`
	}
	if err := json.Unmarshal(f.templates["_index_template/"+name], &template); err != nil || template.DataStream == nil {
		f.t.Errorf("the template of %s makes no data stream: %v", name, err)
	}
	f.indices[name] = f.mappingsFor(name)
	f.records[id] = f.body(r)
	f.write(w, 201, map[string]any{"result": "created"})
}

// create adds a document to the data stream, where its id must not be there yet.
func (f *fake) create(id string, source []byte) any {
	if f.fault != nil {
		if fault := f.fault("create", id); fault != nil {
			return fault.result(id)
		}
	}
	if _, ok := f.records[id]; ok {
		return (&faultResult{Status: 409, Type: "version_conflict_engine_exception", Reason: "[" + id + "]: version conflict, document already exists"}).result(id)
	}
	f.records[id] = source
	return map[string]any{"_id": id, "status": 201, "result": "created"}
}
