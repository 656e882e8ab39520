package indicator

import "time"

// Assertion is what one version of one hub object says of one key.
type Assertion struct {
	// Source is the name of the connector that brought the object.
	Source string
	// Version is the object's own time of modification.
	Version time.Time
	// ValidFrom and ValidUntil bound the time in which the assertion holds:
	// ValidFrom ≤ t < ValidUntil. A zero ValidUntil is no end.
	ValidFrom, ValidUntil time.Time
	// End says where ValidUntil comes from.
	End End
	// State is live until the source takes the object back.
	State State
	// Confidence is what the object states, or [Unstated].
	Confidence Confidence
	// TLP is the strictest marking that touches the object's pattern.
	TLP TLP
	// Types are the indicator types that the object states.
	Types TypeSet
	// Direction is which way traffic to or from the value is meant.
	Direction Direction
	// Scope says whether a domain stands for its subdomains too.
	Scope Scope
	// Exactness says how well the key alone stands for the object's pattern.
	Exactness Exactness
	// Revision is a mark of the store's: while it stays, nothing about the
	// assertion has changed, and no two assertions of an entry share one.
	Revision uint64
	// Object is the text of the object, shared by all its assertions and never
	// to be changed. It is nil where only keys were asked for.
	Object *Object
}

// Object is what a hub object says in words, for people and for documents.
type Object struct {
	ID          string      `json:"id"`
	Type        string      `json:"type,omitempty"`
	Name        string      `json:"name,omitempty"`
	Description string      `json:"description,omitempty"`
	CreatedBy   string      `json:"created_by,omitempty"`
	Labels      []string    `json:"labels,omitempty"`
	Types       []string    `json:"types,omitempty"`      // indicator types as written, known or not
	Markings    []string    `json:"markings,omitempty"`   // marking-definition ids
	KillChain   []string    `json:"kill_chain,omitempty"` // "chain:phase"
	Threats     []Threat    `json:"threats,omitempty"`    // what other objects of the source say that it indicates
	References  []Reference `json:"references,omitempty"`
	Pattern     string      `json:"pattern,omitempty"` // only where no key says it all
	PatternType string      `json:"pattern_type,omitempty"`
	Remainder   []string    `json:"remainder,omitempty"` // reason codes of what was not reduced
	Notes       []string    `json:"notes,omitempty"`     // what was understood and is not by the letter
}

// Threat is a malware, an actor or the like that an object indicates. Its name
// comes from another object, so it has a marking of its own.
type Threat struct {
	Name string `json:"name"`
	// Type is the STIX type, such as "malware" or "intrusion-set".
	Type string `json:"type,omitempty"`
	// TLP is the strictest marking of the threat and of the relationship that
	// leads to it.
	TLP TLP `json:"tlp,omitzero"`
}

// Reference is one external reference of an object.
type Reference struct {
	Source     string `json:"source,omitempty"`
	URL        string `json:"url,omitempty"`
	ExternalID string `json:"external_id,omitempty"`
}

// LiveAt reports whether the assertion holds at t.
func (a *Assertion) LiveAt(t time.Time) bool {
	return a.State == Live && !t.Before(a.ValidFrom) && (a.ValidUntil.IsZero() || t.Before(a.ValidUntil))
}
