package lifetest

import (
	"encoding/json"
	"fmt"
)

// published is one version of one object as a hub publishes it.
type published interface {
	fmt.Stringer
	head() head
	// stix writes it as the hub hands it over.
	stix() json.RawMessage
}

// head says which version of which object one is.
type head struct {
	id      string
	version int  // the hour of it
	over    bool // it is a revocation
}

// threat is one version of a malware.
type threat struct {
	number, modified int
	revoked          bool
	name             string
	marking          marking
}

func threatID(number int) string { return fmt.Sprintf("malware--%d", number) }

func (t *threat) head() head { return head{threatID(t.number), t.modified, t.revoked} }

func (t *threat) String() string {
	return fmt.Sprintf("%s@%d called %s, revoked=%t, marked %s", threatID(t.number), t.modified, t.name, t.revoked, t.marking.name)
}

// stix implements [published] (STIX 2.1, section 4.11).
func (t *threat) stix() json.RawMessage {
	members := map[string]any{
		"type": "malware", "spec_version": "2.1", "id": threatID(t.number), "name": t.name, "is_family": true, "revoked": t.revoked,
		"created": hour(created), "modified": hour(t.modified),
	}
	t.marking.mark(members)
	return write(members)
}

// relation is one version of a relationship between an indicator and a threat.
type relation struct {
	number, modified int
	revoked          bool
	subject, threat  int
	// other is a relationship that says nothing of what is indicated.
	other   bool
	marking marking
}

func relationID(number int) string { return fmt.Sprintf("relationship--%d", number) }

func (r *relation) head() head { return head{relationID(r.number), r.modified, r.revoked} }

func (r *relation) kind() string {
	if r.other {
		return "related-to"
	}
	return "indicates"
}

func (r *relation) String() string {
	return fmt.Sprintf("%s@%d: %d %s %s, revoked=%t, marked %s", relationID(r.number), r.modified, r.subject, r.kind(), threatID(r.threat), r.revoked, r.marking.name)
}

// stix implements [published] (STIX 2.1, section 5.1).
func (r *relation) stix() json.RawMessage {
	members := map[string]any{
		"type": "relationship", "spec_version": "2.1", "id": relationID(r.number), "relationship_type": r.kind(), "revoked": r.revoked,
		"source_ref": indicatorID(r.subject), "target_ref": threatID(r.threat),
		"created": hour(created), "modified": hour(r.modified),
	}
	r.marking.mark(members)
	return write(members)
}

// definition tells what the marking means that nobody else knows.
type definition struct {
	level string // "" for a statement, which sets none
}

// head has the same version for all definitions: they have none (STIX 2.1, section
// 7.2.1).
func (*definition) head() head { return head{nobodys, created, false} }

func (d *definition) String() string { return fmt.Sprintf("the unknown marking means %q", d.level) }

func (d *definition) stix() json.RawMessage {
	members := map[string]any{
		"type": "marking-definition", "spec_version": "2.1", "id": nobodys, "created": hour(created),
		"definition_type": "statement", "definition": map[string]string{"statement": "all rights reserved"},
	}
	if d.level != "" {
		members["definition_type"], members["definition"] = "tlp", map[string]string{"tlp": d.level}
	}
	return write(members)
}

func write(members map[string]any) json.RawMessage {
	text, err := json.Marshal(members)
	if err != nil {
		panic(err) // the members are all plain
	}
	return text
}
