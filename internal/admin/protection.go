package admin

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/neverblock"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/policy/guard"
	"github.com/indicatord/indicatord/internal/store"
)

// Protection knows what must not be blocked: what the configuration says of it,
// what the machine itself needs, and what the site allows. It is safe for
// concurrent use.
type Protection struct {
	store   *store.Store
	options guard.Options
	rules   []guard.Rule
	now     func() time.Time

	mu      sync.Mutex
	allowed []store.Override
	set     *guard.Set
}

// NewProtection gathers what must not be blocked. What could not be found out of
// the machine is among the problems; an error says that what the site itself
// names cannot be read.
func NewProtection(ctx context.Context, c *config.Config, s *store.Store, now func() time.Time) (*Protection, []neverblock.Problem, error) {
	rules, problems, err := neverblock.Rules(ctx, c.NeverBlock, peersOf(c))
	if err != nil {
		return nil, problems, err
	}
	return &Protection{store: s, options: c.NeverBlock.Options(), rules: rules, now: now}, problems, nil
}

// peersOf are the hosts that the plugins of a configuration talk to.
func peersOf(c *config.Config) []string {
	var hosts []string
	add := func(settings any) {
		if p, ok := settings.(plugin.Peered); ok {
			hosts = append(hosts, p.Peers()...)
		}
	}
	for i := range c.Connectors {
		add(c.Connectors[i].Settings)
	}
	for i := range c.Outputs {
		add(c.Outputs[i].Settings)
	}
	for i := range c.Lists.Clients {
		for _, prefix := range c.Lists.Clients[i].Addresses {
			hosts = append(hosts, prefix.String())
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// allowList is where the rules of what the site allows stand.
var allowList = &guard.List{Name: "allow", Source: "indicatord allow", Purpose: "The site itself allows it."}

// Set returns what must not be blocked now. It is compiled anew only when what
// the site allows has changed.
func (p *Protection) Set(ctx context.Context) (*guard.Set, error) {
	words, err := p.store.Overrides(ctx, p.now())
	if err != nil {
		return nil, err
	}
	allowed := slices.DeleteFunc(words, func(o store.Override) bool { return o.Deny })
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.set != nil && slices.Equal(p.allowed, allowed) {
		return p.set, nil
	}
	rules := make([]guard.Rule, 0, len(allowed)+len(p.rules))
	for _, o := range allowed {
		if o.Key.Kind == indicator.URL {
			continue // one URL allowed says nothing of its host
		}
		rules = append(rules, guard.Rule{Key: o.Key, Scope: o.Scope, Reason: o.Reason, List: allowList})
	}
	p.allowed, p.set = allowed, guard.Compile(slices.Values(append(rules, p.rules...)), p.options)
	return p.set, nil
}
