package ecs

import "github.com/indicatord/indicatord/internal/indicator"

// Object is one object of a source, as far as the view may see it, beside the
// merged words of a document: for people who want to know which source says what.
type Object struct {
	Source string `json:"source"`
	indicator.Object
	Modified   Instant `json:"modified,omitempty"`
	ValidFrom  Instant `json:"valid_from,omitempty"`
	ValidUntil Instant `json:"valid_until,omitempty"`
	// Confidence is the object's own, from 0 to 100; nil where it states none.
	Confidence *indicator.Confidence `json:"confidence,omitempty"`
	Marking    *Marking              `json:"marking,omitempty"`
}

// Objects returns the objects that assert the entry, in the order of its
// assertions. Those without a text are left out.
func Objects(e *indicator.Entry) []Object {
	var objects []Object
	for i := range e.Assertions {
		a := &e.Assertions[i]
		if a.Object == nil {
			continue
		}
		o := Object{
			Source:     a.Source,
			Object:     *a.Object,
			Modified:   InstantOf(a.Version),
			ValidFrom:  InstantOf(a.ValidFrom),
			ValidUntil: InstantOf(a.ValidUntil),
			Marking:    marking(a.TLP),
		}
		if a.Confidence != indicator.Unstated {
			o.Confidence = &a.Confidence
		}
		objects = append(objects, o)
	}
	return objects
}
