package taxiihub

import (
	"encoding/json"
	"strconv"
)

// The resources of TAXII 2.1, sections 4 and 5.

type discoveryResource struct {
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	Contact     string   `json:"contact,omitempty"`
	Default     string   `json:"default"`
	APIRoots    []string `json:"api_roots"`
}

type apiRootResource struct {
	Title            string   `json:"title"`
	Description      string   `json:"description,omitempty"`
	Versions         []string `json:"versions"`
	MaxContentLength int      `json:"max_content_length"`
}

type collectionsResource struct {
	Collections []collectionResource `json:"collections,omitempty"`
}

type collectionResource struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	Alias       string   `json:"alias,omitempty"`
	CanRead     bool     `json:"can_read"`
	CanWrite    bool     `json:"can_write"`
	MediaTypes  []string `json:"media_types"`
}

func newCollectionResource(info Info) collectionResource {
	return collectionResource{
		ID:          info.ID,
		Title:       info.Title,
		Description: info.Description,
		Alias:       info.Alias,
		CanRead:     true,
		MediaTypes:  []string{MediaTypeSTIX},
	}
}

type manifestResource struct {
	More    bool             `json:"more,omitempty"`
	Objects []manifestRecord `json:"objects,omitempty"`
}

type manifestRecord struct {
	ID        string `json:"id"`
	DateAdded string `json:"date_added"`
	Version   string `json:"version"`
	MediaType string `json:"media_type,omitempty"`
}

func newManifest(s Selection) manifestResource {
	m := manifestResource{More: s.More}
	for i := range s.Records {
		r := &s.Records[i]
		m.Objects = append(m.Objects, manifestRecord{
			ID:        r.ID,
			DateAdded: formatDate(r.DateAdded),
			Version:   r.VersionText,
			MediaType: mediaTypeOf(r),
		})
	}
	return m
}

// mediaTypeOf is empty for what is not STIX 2.1: a manifest may name only the
// media types that its collection lists.
func mediaTypeOf(r *Record) string {
	if r.SpecVersion == "2.1" {
		return MediaTypeSTIX
	}
	return ""
}

type versionsResource struct {
	More     bool     `json:"more,omitempty"`
	Versions []string `json:"versions,omitempty"`
}

func newVersions(s Selection) versionsResource {
	v := versionsResource{More: s.More}
	for i := range s.Records {
		v.Versions = append(v.Versions, s.Records[i].VersionText)
	}
	return v
}

// appendEnvelope writes the envelope of section 3.7 around the objects as they
// are, without a second pass over their text.
func appendEnvelope(b []byte, s Selection, next string) []byte {
	if len(s.Records) == 0 {
		return append(b, "{}"...)
	}
	b = append(b, '{')
	if s.More {
		b = append(b, `"more":true,"next":`...)
		b = append(strconv.AppendQuote(b, next), ',')
	}
	b = append(b, `"objects":[`...)
	for i := range s.Records {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, s.Records[i].Object...)
	}
	return append(b, "]}"...)
}

func envelopeSize(s Selection) int {
	size := len(`{"more":true,"next":"","objects":[]}`) + 2*tokenSize
	for i := range s.Records {
		size += len(s.Records[i].Object) + 1
	}
	return size
}

func marshal(resource any) []byte {
	body, _ := json.Marshal(resource) // resources hold text, numbers and lists of them
	return body
}
