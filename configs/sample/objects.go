package sample

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// The STIX 2.1 objects that this package writes. They hold only the properties
// that it uses.

type common struct {
	Type        string      `json:"type"`
	SpecVersion string      `json:"spec_version"`
	ID          string      `json:"id"`
	CreatedBy   string      `json:"created_by_ref,omitempty"`
	Created     string      `json:"created"`
	Modified    string      `json:"modified,omitempty"`
	Revoked     bool        `json:"revoked,omitempty"`
	Labels      []string    `json:"labels,omitempty"`
	Confidence  int         `json:"confidence,omitempty"`
	References  []reference `json:"external_references,omitempty"`
	Markings    []string    `json:"object_marking_refs,omitempty"`
	Name        string      `json:"name,omitempty"`
	Description string      `json:"description,omitempty"`
}

type reference struct {
	Source     string `json:"source_name"`
	URL        string `json:"url,omitempty"`
	ExternalID string `json:"external_id,omitempty"`
}

type identity struct {
	common
	Class string `json:"identity_class"`
}

type marking struct {
	common
	Extensions map[string]tlpExtension `json:"extensions"`
}

type tlpExtension struct {
	ExtensionType string `json:"extension_type"`
	TLP           string `json:"tlp_2_0"`
}

// threat is a malware or an intrusion-set.
type threat struct {
	common
	Types  []string `json:"malware_types,omitempty"`
	Family *bool    `json:"is_family,omitempty"`
}

type relationship struct {
	common
	Relation string `json:"relationship_type"`
	Source   string `json:"source_ref"`
	Target   string `json:"target_ref"`
}

type indicatorObject struct {
	common
	Types          []string    `json:"indicator_types,omitempty"`
	Pattern        string      `json:"pattern"`
	PatternType    string      `json:"pattern_type"`
	PatternVersion string      `json:"pattern_version"`
	ValidFrom      string      `json:"valid_from"`
	ValidUntil     string      `json:"valid_until,omitempty"`
	KillChain      []killChain `json:"kill_chain_phases,omitempty"`
}

type killChain struct {
	Chain string `json:"kill_chain_name"`
	Phase string `json:"phase_name"`
}

// The TLP 2.0 markings in use, by the ids that the standard's authors gave them.
const (
	tlpClear      = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
	tlpGreen      = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
	tlp2Extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
)

func newMarking(id, name, level string) marking {
	return marking{
		common: common{
			Type: "marking-definition", SpecVersion: "2.1", ID: id,
			Created: "2022-10-01T00:00:00.000Z", Name: name,
		},
		Extensions: map[string]tlpExtension{
			tlp2Extension: {ExtensionType: "property-extension", TLP: level},
		},
	}
}

// namespace is the root of all ids, so that the same input gives the same ids.
var namespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/indicatord/indicatord/configs/sample"))

// newID makes the id of an object from its type and what makes it unique.
func newID(objectType, unique string) string {
	return objectType + "--" + uuid.NewSHA1(namespace, []byte(objectType+" "+unique)).String()
}

func newCommon(objectType, unique string, at time.Time) common {
	return common{
		Type: objectType, SpecVersion: "2.1", ID: newID(objectType, unique),
		Created: timestamp(at), Modified: timestamp(at),
	}
}

// timestamp writes a STIX timestamp, in milliseconds.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// encode marshals one of the objects of this file; they hold nothing that
// cannot be marshalled.
func encode(object any) json.RawMessage {
	text, _ := json.Marshal(object)
	return text
}
