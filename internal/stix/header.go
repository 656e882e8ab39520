package stix

import (
	"bytes"
	"errors"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Header is what tells one version of an object from another.
type Header struct {
	ID          string
	Type        string
	SpecVersion string // empty in STIX 2.0
	// Modified is the version: the modified property, or created where an
	// object has no modified, or the zero time where it has neither or it
	// cannot be read.
	Modified time.Time
	Revoked  bool
}

// ErrNoID is the error of data that is not a JSON object with an id.
var ErrNoID = errors.New("not a JSON object with an id")

// ReadHeader reads the header of an object as received. It looks only at the
// members of the object itself and does not check that the rest is valid JSON,
// so that a whole feed can be compared with what is stored at little cost; of a
// member that occurs twice it takes the last. The error is [ErrNoID].
func ReadHeader(raw []byte) (Header, error) {
	var h Header
	var created time.Time
	s := memberScanner{raw: raw}
	if !s.open() {
		return h, ErrNoID
	}
	for {
		name, value, ok := s.next()
		if !ok {
			break
		}
		switch string(name) {
		case "id":
			h.ID = text(value)
		case "type":
			h.Type = typeName(value)
		case "spec_version":
			h.SpecVersion = specVersion(value)
		case "modified":
			h.Modified = instant(value)
		case "created":
			created = instant(value)
		case "revoked":
			h.Revoked = string(value) == "true"
		}
	}
	if h.ID == "" {
		return h, ErrNoID
	}
	if h.Modified.IsZero() {
		h.Modified = created
	}
	return h, nil
}

// text returns the value of a JSON string, "" for anything else.
func text(value []byte) string {
	if len(value) < 2 || value[0] != '"' {
		return ""
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1])
	}
	unquoted, err := jsontext.AppendUnquote(nil, value)
	if err != nil {
		return ""
	}
	return string(unquoted)
}

// typeName is text without new memory for the types that make up nearly every
// feed.
func typeName(value []byte) string {
	switch string(value) {
	case `"indicator"`:
		return typeIndicator
	case `"relationship"`:
		return "relationship"
	case `"malware"`:
		return "malware"
	}
	return text(value)
}

func specVersion(value []byte) string {
	if string(value) == `"2.1"` {
		return "2.1"
	}
	return text(value)
}

// instant reads a JSON string that holds a timestamp (RFC 3339), and gives the
// zero time for anything else. Nearly every timestamp has the plain form.
func instant(value []byte) time.Time {
	var t time.Time
	if isPlainTimestamp(value) && t.UnmarshalText(value[1:len(value)-1]) == nil {
		return t.UTC()
	}
	return anyInstant(value)
}

// anyInstant is apart from instant so that only it allocates.
func anyInstant(value []byte) time.Time {
	var t time.Time
	if json.Unmarshal(value, &t) != nil {
		return time.Time{}
	}
	return t.UTC()
}

// isPlainTimestamp rules out what [time.Time.UnmarshalText] takes although RFC
// 3339 does not: an hour of one digit, and a comma before the fraction.
func isPlainTimestamp(value []byte) bool {
	const hour, second = len(`"2006-01-02T15`), len(`"2006-01-02T15:04:05`)
	return len(value) > second+1 && value[hour] == ':' && (value[second] == '.' || value[second] == 'Z') &&
		value[len(value)-2] == 'Z'
}
