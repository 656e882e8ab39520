package guard

import "github.com/indicatord/indicatord/internal/indicator"

// List is where rules come from: a shipped set, a file of the site, a
// warninglist, or the machine itself.
type List struct {
	// Name names the list in every reason.
	Name string
	// Version is what the list calls its version, "" where it has none.
	Version string
	// Source says where its facts were taken from.
	Source string
	// Licence is the licence of the facts as they stand in the list.
	Licence string
	// Purpose says in a sentence what goes wrong when an entry is blocked.
	Purpose string
}

// Rule is one thing that is protected.
type Rule struct {
	// Key is an address, a prefix, a domain, or the hash of a file, as
	// [indicator.CanonProtected] makes it. A rule of another kind protects
	// nothing.
	Key indicator.Key
	// Scope says of a domain whether the name alone is protected, or every name
	// below it too.
	Scope indicator.Scope
	// Reason says what the thing is, such as "Google Public DNS".
	Reason string
	// List is where the rule stands.
	List *List
}

// String writes what is protected as a list does: ".example.org" stands for the
// name and every name below it.
func (r *Rule) String() string {
	if r.Key.Kind == indicator.Domain && r.Scope == indicator.ScopeSubdomains {
		return "." + r.Key.Value
	}
	return r.Key.Value
}

// origin names the rule and its list, for a reason.
func (r *Rule) origin() string {
	text := r.String()
	if r.Reason != "" {
		text += " (" + r.Reason + ")"
	}
	if r.List != nil {
		text += ", list " + r.List.Name
	}
	return text
}
