package main

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/indicatord/indicatord/internal/taxiihub"
)

// holdings serves a dataset, and keeps nothing of it in memory. It knows only
// the last version of each indicator, so match[version] chooses nothing, and it
// cannot find an indicator by its id.
type holdings struct{ dataset }

// bytesPerObject is a little more than an object takes.
const bytesPerObject = 800

// Select implements [taxiihub.Holdings].
func (h holdings) Select(ctx context.Context, q taxiihub.Query) (taxiihub.Selection, error) {
	var s taxiihub.Selection
	if len(q.IDs) > 0 || len(q.Types) > 0 && !slices.Contains(q.Types, "indicator") {
		return s, nil
	}
	start := max(q.After, h.after(q.AddedAfter))
	room := min(uint64(q.Limit), h.last()-min(start, h.last()))
	text := make([]byte, 0, room*bytesPerObject)
	s.Records = make([]taxiihub.Record, 0, room)
	for position := start + 1; position <= h.last(); position++ {
		v, ok := h.at(position)
		if !ok {
			continue
		}
		if len(s.Records) == q.Limit {
			s.More = true
			break
		}
		begin := len(text)
		text = appendObject(text, v, h.size)
		s.Records = append(s.Records, h.record(position, v, text[begin:len(text):len(text)]))
	}
	return s, ctx.Err()
}

func (h holdings) record(position uint64, v version, object json.RawMessage) taxiihub.Record {
	return taxiihub.Record{
		Position:    position,
		DateAdded:   h.added(position),
		ID:          string(appendID(nil, v.number)),
		Type:        "indicator",
		SpecVersion: "2.1",
		VersionText: v.modified(),
		Object:      object,
	}
}
