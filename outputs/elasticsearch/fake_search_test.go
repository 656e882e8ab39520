package elasticsearch

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// pit opens and closes the point in time.
func (f *fake) pit(w http.ResponseWriter, r *http.Request, index string) {
	switch {
	case r.Method == http.MethodDelete:
		f.snapshot = nil
		f.write(w, 200, map[string]any{"succeeded": true})
	case f.indices[f.resolve(index)] == nil:
		f.fail(w, 404, "index_not_found_exception", "no such index ["+index+"]")
	default:
		f.snapshot = f.hits()
		f.write(w, 200, map[string]any{"id": "a point in time"})
	}
}

// hits are all documents of the site in their order.
func (f *fake) hits() []hit {
	hits := []hit{}
	for id, d := range f.documents {
		var about struct {
			Event      struct{ Dataset string }
			Indicatord struct{ Site string }
		}
		h := hit{ID: id, Version: d.Version}
		if json.Unmarshal(d.Source, &h.Source) != nil || json.Unmarshal(d.Source, &about) != nil {
			f.t.Errorf("document %s", d.Source)
		}
		if about.Indicatord.Site == "plant-07" && about.Event.Dataset == "ti_indicatord.indicator" {
			hits = append(hits, h)
		}
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Compare(a.ID, b.ID) })
	for i := range hits {
		hits[i].Sort = []json.RawMessage{json.RawMessage(strconv.Itoa(i))}
	}
	return hits
}

// search answers with a page of the point in time.
func (f *fake) search(w http.ResponseWriter, r *http.Request) {
	var query struct {
		Size        int
		PIT         struct{ ID string }
		SearchAfter []int `json:"search_after"`
	}
	if err := json.Unmarshal(f.body(r), &query); err != nil || query.PIT.ID != "a point in time" || f.snapshot == nil {
		f.t.Errorf("search: %+v, %v", query, err)
	}
	from := 0
	if len(query.SearchAfter) == 1 {
		from = query.SearchAfter[0] + 1
	}
	page := f.snapshot[from:min(len(f.snapshot), from+query.Size)]
	f.write(w, 200, map[string]any{"pit_id": "a point in time", "hits": map[string]any{"hits": page}})
}
