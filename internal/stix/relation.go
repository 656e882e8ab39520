package stix

import "github.com/indicatord/indicatord/internal/indicator"

// Relation is a relationship by which one object indicates another (STIX 2.1,
// sections 4.7 and 5.1). Either end may be unknown: it may come later, on
// another page, or never.
type Relation struct {
	// Source and Target are ids of objects of the same source.
	Source, Target string
	// TLP is the strictest marking of the relationship.
	TLP indicator.TLP
}

// isThreat reports whether an indicator may indicate an object of the type.
func isThreat(objectType string) bool {
	switch objectType {
	case "attack-pattern", "campaign", "infrastructure", "intrusion-set", "malware", "threat-actor", "tool":
		return true
	}
	return false
}

// relate reads what an object of another type than an indicator tells of
// indicators.
func (d *Derived) relate(o *object, opts *Options) {
	switch {
	case o.Revoked:
	case o.Type == "relationship" && o.RelationshipType == "indicates" && o.SourceRef != "" && o.TargetRef != "":
		d.Relation = &Relation{Source: o.SourceRef, Target: o.TargetRef, TLP: d.level(o, opts, touchesRelation)}
	case isThreat(o.Type) && o.Name != "":
		d.Threat = &indicator.Threat{Name: d.Object.Name, Type: o.Type, TLP: d.level(o, opts, touchesThreat)}
	}
}
