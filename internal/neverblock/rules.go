package neverblock

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/neverblock/shipped"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

// Problem is something that is not protected, and why. The rest is.
type Problem struct {
	// About names what was looked at: a file, a host, a list.
	About string
	Err   error
}

// Error writes what was looked at before what was wrong.
func (p Problem) Error() string { return fmt.Sprintf("%s: %v", p.About, p.Err) }

// Unwrap returns what was wrong.
func (p Problem) Unwrap() error { return p.Err }

// Rules returns everything that must not be blocked. The site's own word comes
// first, so that reasons name it before a list that says the same.
//
// The hosts are the names, addresses or prefixes, without ports, of what the daemon
// talks to; names are resolved, which takes two seconds at the most. What cannot be
// found out of them or of the machine, and the entries of warninglists that
// protect nothing, are among the problems. An error says that a file or a folder
// of the site's own cannot be used, in all its lines; what a site protects is
// never forgotten silently.
func Rules(ctx context.Context, b Block, hosts []string) ([]guard.Rule, []Problem, error) {
	rules, err := configured(b)
	g := gatherer{rules: rules}
	errs := []error{err, g.files(b.Files)}
	if b.Discover {
		g.machine(ctx, hosts)
	}
	g.shipped(b.Except)
	errs = append(errs, g.warninglists(b.Warninglists))
	if err := errors.Join(errs...); err != nil {
		return nil, g.problems, err
	}
	return g.rules, g.problems, nil
}

// gatherer collects the rules.
type gatherer struct {
	rules    []guard.Rule
	problems []Problem
}

func (g *gatherer) tell(about string, err error) {
	g.problems = append(g.problems, Problem{about, err})
}

// configured returns what the configuration itself names.
func configured(b Block) ([]guard.Rule, error) {
	of := &guard.List{
		Name: "configuration", Source: "never_block", Purpose: "The site itself says that this must not be blocked.",
	}
	var rules []guard.Rule
	for _, value := range slices.Concat(b.Prefixes, b.Domains) {
		made, err := rulesOf(value, "", of)
		if err != nil {
			return nil, fmt.Errorf("never_block: %w", err)
		}
		rules = append(rules, made...)
	}
	return rules, nil
}

// rulesOf returns the rules for one value: a range makes several.
func rulesOf(value, reason string, of *guard.List) ([]guard.Rule, error) {
	c, err := indicator.CanonProtected(value)
	if err != nil {
		return nil, err
	}
	var rules []guard.Rule
	for key := range c.Keys() {
		rules = append(rules, guard.Rule{Key: key, Scope: c.Scope, Reason: reason, List: of})
	}
	return rules, nil
}

func (g *gatherer) shipped(except []string) {
	for _, set := range shipped.Sets() {
		if !slices.Contains(except, set.List.Name) {
			g.rules = append(g.rules, set.Rules...)
		}
	}
}
