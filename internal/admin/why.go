package admin

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/store"
)

// Explanation is everything the site knows of a value.
type Explanation struct {
	Value string    `json:"value"`
	Time  time.Time `json:"time"`
	// Entries are the value's own entry and those that cover it: a prefix around
	// an address, a domain above a name.
	Entries []EntryExplanation `json:"entries"`
	// Rejects are what sources said of the value that could not be used.
	Rejects []store.StoredReject `json:"rejects,omitempty"`
	// Unusable says why no source's word on the value as an address or a domain
	// could be used, "" where it could, or where it is nothing of the kind.
	Unusable string `json:"unusable,omitempty"`
}

// EntryExplanation is one entry: who says what, and what each output makes of it.
type EntryExplanation struct {
	Kind  indicator.Kind `json:"kind"`
	Value string         `json:"value"`
	// Covers is true where the entry is not the value asked for, but around it.
	Covers     bool                   `json:"covers,omitempty"`
	FirstSeen  time.Time              `json:"first_seen"`
	Changed    time.Time              `json:"changed"`
	Sequence   uint64                 `json:"sequence"`
	Assertions []AssertionExplanation `json:"assertions"`
	Outputs    []OutputExplanation    `json:"outputs"`
}

// AssertionExplanation is what one object says of the entry.
type AssertionExplanation struct {
	Source     string                `json:"source"`
	Version    time.Time             `json:"version"`
	State      indicator.State       `json:"state"`
	ValidFrom  time.Time             `json:"valid_from,omitzero"`
	ValidUntil time.Time             `json:"valid_until,omitzero"`
	End        indicator.End         `json:"end"`
	Confidence *indicator.Confidence `json:"confidence,omitempty"` // absent where unstated
	TLP        indicator.TLP         `json:"tlp,omitzero"`         // absent where unmarked
	Direction  indicator.Direction   `json:"direction"`
	Scope      indicator.Scope       `json:"scope"`
	Exactness  indicator.Exactness   `json:"exactness"`
	Object     *indicator.Object     `json:"object,omitempty"`
}

// OutputExplanation is what one output makes of the entry.
type OutputExplanation struct {
	Output string `json:"output"`
	// InView is whether the output should have the entry now; Verdicts say of
	// each assertion in turn what stopped it, "" for nothing.
	InView   bool             `json:"in_view"`
	Verdicts []policy.Verdict `json:"verdicts"`
	// Protected says what must not be blocked of it, and why, "" for nothing.
	Protected string `json:"protected,omitempty"`
	// Holding is what the tool has accepted or refused, nil for neither.
	Holding *store.Holding `json:"holding,omitempty"`
}

// Why explains a value: its own entry, the entries that cover it, and what was
// rejected of it. It asks nothing outside the state.
func (i Inspector) Why(ctx context.Context, value string) (Explanation, error) {
	x := Explanation{Value: value, Time: i.Now()}
	own := ownKeys(value)
	records, err := i.Store.Find(ctx, append(own, covering(own)...))
	if err != nil {
		return x, err
	}
	for _, record := range records {
		covers := !slices.Contains(own, record.Entry.Key)
		if covers && !covered(&record.Entry) {
			continue
		}
		entry, err := i.explain(ctx, &record, covers)
		if err != nil {
			return x, err
		}
		x.Entries = append(x.Entries, entry)
	}
	x.Unusable = unusable(value)
	x.Rejects, err = i.rejects(ctx, value, own)
	return x, err
}

// rejects finds what was rejected of a value as it is written, and in its
// canonical forms.
func (i Inspector) rejects(ctx context.Context, value string, own []indicator.Key) ([]store.StoredReject, error) {
	texts := []string{value}
	for _, k := range own {
		texts = append(texts, k.Value)
	}
	slices.Sort(texts)
	var found []store.StoredReject
	for _, text := range slices.Compact(texts) {
		rejects, err := i.Store.RejectsOf(ctx, text)
		if err != nil {
			return nil, err
		}
		found = append(found, rejects...)
	}
	return found, nil
}

// ownKeys are all keys that the value may be: nobody says of what kind it is. A
// key keeps the letter case of a mailbox, which hardly any server heeds, so that
// of a person's question is tried in lower case too.
func ownKeys(value string) []indicator.Key {
	options := indicator.Options{AllowReserved: true, Refang: true}
	var keys []indicator.Key
	add := func(kind indicator.Kind, value string) {
		canonical, err := options.Canon(kind, value)
		if err != nil {
			return
		}
		for k := range canonical.Keys() {
			if !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	for _, kind := range indicator.Kinds() {
		add(kind, value)
	}
	add(indicator.Email, strings.ToLower(value))
	return keys
}

// unusable is the reason for which a value that a tool could match becomes no
// entry. What is no address is judged as a domain, the field that holds most
// else; a hash and an e-mail address are not.
func unusable(value string) string {
	options := indicator.Options{Refang: true}
	for _, kind := range indicator.Kinds() {
		if _, err := options.Canon(kind, value); err == nil && !kind.Carried() {
			return ""
		}
	}
	_, err := options.Canon(indicator.IP, value)
	var reject *indicator.Reject
	if errors.As(err, &reject) && reject.Code == indicator.CodeNotAddress {
		_, err = options.Canon(indicator.Domain, value)
	}
	return err.Error()
}

// covering are the keys around the given ones: every wider prefix, every domain
// above.
func covering(keys []indicator.Key) []indicator.Key {
	var around []indicator.Key
	for _, k := range keys {
		switch k.Kind {
		case indicator.IP:
			around = append(around, widerPrefixes(k.Prefix())...)
		case indicator.Domain:
			around = append(around, parentDomains(k.Value)...)
		}
	}
	return around
}

func widerPrefixes(p netip.Prefix) []indicator.Key {
	var wider []indicator.Key
	for bits := p.Bits() - 1; bits > 0; bits-- {
		q, err := p.Addr().Prefix(bits)
		if err != nil {
			return wider
		}
		wider = append(wider, indicator.Key{Kind: indicator.IP, Value: q.String()})
	}
	return wider
}

func parentDomains(name string) []indicator.Key {
	var parents []indicator.Key
	for {
		_, parent, found := strings.Cut(name, ".")
		if !found || !strings.Contains(parent, ".") {
			return parents
		}
		parents = append(parents, indicator.Key{Kind: indicator.Domain, Value: parent})
		name = parent
	}
}

// covered reports whether an entry found around a value reaches it: a domain
// does only where it stands for its subdomains.
func covered(e *indicator.Entry) bool {
	return e.Key.Kind == indicator.IP || e.Scope() == indicator.ScopeSubdomains
}

func (i Inspector) explain(ctx context.Context, record *store.Record, covers bool) (EntryExplanation, error) {
	e := &record.Entry
	x := EntryExplanation{
		Kind: e.Key.Kind, Value: e.Key.Value, Covers: covers,
		FirstSeen: e.FirstSeen, Changed: e.Changed, Sequence: e.Sequence,
	}
	for j := range e.Assertions {
		x.Assertions = append(x.Assertions, explainAssertion(&e.Assertions[j]))
	}
	holdings, err := i.Store.Holdings(ctx, record.ID)
	if err != nil {
		return x, err
	}
	for o := range i.Config.Outputs {
		p, err := i.policy(ctx, &i.Config.Outputs[o])
		if err != nil {
			return x, err
		}
		x.Outputs = append(x.Outputs, i.explainOutput(&i.Config.Outputs[o], p, e, holdings))
	}
	return x, nil
}

func explainAssertion(a *indicator.Assertion) AssertionExplanation {
	x := AssertionExplanation{
		Source: a.Source, Version: a.Version, State: a.State, ValidFrom: a.ValidFrom, ValidUntil: a.ValidUntil, End: a.End,
		TLP: a.TLP, Direction: a.Direction, Scope: a.Scope, Exactness: a.Exactness, Object: a.Object,
	}
	if a.Confidence != indicator.Unstated {
		x.Confidence = &a.Confidence
	}
	return x
}

func (i Inspector) explainOutput(o *config.Output, p policy.Policy, e *indicator.Entry, holdings []store.Holding) OutputExplanation {
	now := i.Now()
	x := OutputExplanation{Output: o.Name, Verdicts: p.Verdicts(e, now)}
	x.InView = slices.Contains(x.Verdicts, policy.Passes)
	if p.Guard != nil {
		found := p.Guard.Check(e.Key, e.Scope())
		x.Protected = found.Reason()
	}
	for _, h := range holdings {
		if h.Output == i.Config.LedgerOf(o) {
			h.Output = o.Name
			x.Holding = &h
		}
	}
	return x
}

// policy is the policy of an output, with what must not be blocked.
func (i Inspector) policy(ctx context.Context, o *config.Output) (policy.Policy, error) {
	p := PolicyOf(i.Config, o)
	var err error
	if i.Protection != nil {
		p.Guard, err = i.Protection.Set(ctx)
	}
	return p, err
}

// PolicyOf is the policy of an output of a configuration, but for what must not be
// blocked, which the store knows too.
func PolicyOf(c *config.Config, o *config.Output) policy.Policy {
	names := make([]string, len(c.Connectors))
	for j := range c.Connectors {
		names[j] = c.Connectors[j].Name
	}
	return policy.Policy{Select: o.Select, Connectors: names, Enforcing: o.Spec.Enforcing}
}
