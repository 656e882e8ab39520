package taxiihub

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// newRecord reads what the hub must know of an object. Position and date are
// for the collection to give.
func newRecord(object json.RawMessage) (*Record, error) {
	var head struct {
		ID          string `json:"id"`
		Type        string `json:"type"`
		SpecVersion string `json:"spec_version"`
		Created     string `json:"created"`
		Modified    string `json:"modified"`
	}
	if err := json.Unmarshal(object, &head); err != nil {
		return nil, fmt.Errorf("reading a STIX object: %w", err)
	}
	if head.ID == "" || head.Type == "" {
		return nil, errors.New("reading a STIX object: it has no id or no type")
	}
	text := cmp.Or(head.Modified, head.Created)
	version, err := parseVersion(text)
	if err != nil {
		return nil, fmt.Errorf("reading STIX object %s: %w", head.ID, err)
	}
	return &Record{
		ID:          head.ID,
		Type:        head.Type,
		SpecVersion: cmp.Or(head.SpecVersion, impliedSpecVersion(head.Created)),
		Version:     version,
		VersionText: text,
		Object:      bytes.Clone(object),
	}, nil
}

// impliedSpecVersion follows STIX 2.1, section 3.2: an object without
// spec_version is 2.0, unless it is an observable, which has no created time.
func impliedSpecVersion(created string) string {
	if created == "" {
		return "2.1"
	}
	return "2.0"
}

// parseVersion reads a STIX timestamp; the empty text is the zero time.
func parseVersion(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || text[len(text)-1] != 'Z' {
		return time.Time{}, fmt.Errorf("%q is not a STIX timestamp, such as 2026-11-01T08:00:00.000Z", text)
	}
	return t, nil
}

// compareVersions orders the versions of one object.
func compareVersions(a, b *Record) int {
	return cmp.Or(a.Version.Compare(b.Version), cmp.Compare(a.SpecVersion, b.SpecVersion))
}
