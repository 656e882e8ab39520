package guard

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/indicatord/indicatord/internal/indicator"
)

// none stands for the index of no rule.
const none = int32(-1)

// node is what is known of one name. Every name above a protected one has a node
// too, so that an indicator above it is found with one look.
type node struct {
	rule    int32 // that protects the name, or none
	below   int32 // that protects a name below it, or none
	subtree bool  // whether rule protects every name below the name too
}

// names are the protected domain names.
type names map[string]node

func (n names) at(name string) node {
	if found, ok := n[name]; ok {
		return found
	}
	return node{rule: none, below: none}
}

// add puts a rule in. The first one for a name counts, unless a later one
// protects more.
func (n names) add(name string, scope indicator.Scope, rule int32) {
	here := n.at(name)
	if subtree := scope == indicator.ScopeSubdomains; here.rule == none || subtree && !here.subtree {
		here.rule, here.subtree = rule, subtree
		n[name] = here
	}
	for parent := above(name); parent != ""; parent = above(parent) {
		there := n.at(parent)
		if there.below != none {
			return
		}
		there.below = rule
		n[parent] = there
	}
}

// find returns the rule that an indicator for the name would break, or none.
func (n names) find(name string, scope indicator.Scope) int32 {
	here := n.at(name)
	if here.rule != none {
		return here.rule
	}
	if scope == indicator.ScopeSubdomains && here.below != none {
		return here.below
	}
	return n.around(name)
}

// around returns the rule that protects every name below one above the name, or
// none.
func (n names) around(name string) int32 {
	for parent := above(name); parent != ""; parent = above(parent) {
		if there := n.at(parent); there.subtree {
			return there.rule
		}
	}
	return none
}

// above returns the name right above a name, "" where there is none.
func above(name string) string {
	_, parent, _ := strings.Cut(name, ".")
	return parent
}

// isSuffix reports whether anybody can register names right below the name, or,
// where the indicator stands for its subdomains, below each of those.
func isSuffix(name string, scope indicator.Scope) bool {
	if suffix, _ := publicsuffix.PublicSuffix(name); suffix == name {
		return true
	}
	if scope != indicator.ScopeSubdomains {
		return false
	}
	// Rules such as "*.ck" make a suffix of whatever stands below a name.
	below := "x." + name
	suffix, _ := publicsuffix.PublicSuffix(below)
	return suffix == below
}
