package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy/guard"
	"github.com/indicatord/indicatord/internal/store"
)

// Action is what an order is about.
type Action string

// The actions.
const (
	Allow   Action = "allow"   // keep a value out of every output
	Deny    Action = "deny"    // put a value into every output that takes its kind
	Lift    Action = "lift"    // take an allow or deny back
	Pause   Action = "pause"   // let a connector, an output or everything stand still
	Resume  Action = "resume"  // end a pause
	Approve Action = "approve" // let a held change through
	Reject  Action = "reject"  // keep a held change out for good
)

// Order is something that a person wants to be done.
type Order struct {
	Action Action `json:"action"`
	// Value, and Kind where the value alone does not tell it, are of allow, deny
	// and lift. Subdomains extends a domain to the names below it.
	Value      string `json:"value,omitempty"`
	Kind       string `json:"kind,omitempty"`
	Subdomains bool   `json:"subdomains,omitempty"`
	// Subject is "all", "connector/NAME" or "output/NAME", for pause and resume.
	Subject string `json:"subject,omitempty"`
	// Output and Change are of approve and reject: the output, or "connector/NAME"
	// for what a source wants to withdraw; the change is the digest that status and
	// plan show, "" for the one that is held now.
	Output string `json:"output,omitempty"`
	Change string `json:"change,omitempty"`
	// Reason is for people, and must be given where it says why something is
	// other than the sources want it.
	Reason string `json:"reason,omitempty"`
	// Until is when it ends by itself, the zero time for never.
	Until time.Time `json:"until,omitzero"`
}

// Operator carries out the orders of one person on a store. Each is written into
// the audit.
type Operator struct {
	Config *config.Config
	Store  *store.Store
	// Who gives the orders, as the audit names them.
	Who string
	Now func() time.Time
	// Protection, where it is known, lets a deny be answered with what keeps it from
	// being enforced.
	Protection *Protection
}

// ErrNoReason refuses an order that does not say why.
var ErrNoReason = errors.New("say why: --reason is kept in the audit and shown by why")

// Carry carries out an order, and says in a sentence what was done.
func (o Operator) Carry(ctx context.Context, order Order) (string, error) {
	if !order.Until.IsZero() && !order.Until.After(o.Now()) {
		return "", fmt.Errorf("%s is past: nothing would come of it", order.Until.Format(time.RFC3339))
	}
	switch order.Action {
	case Allow, Deny:
		return o.override(ctx, order)
	case Lift:
		return o.lift(ctx, order)
	case Pause:
		return o.pause(ctx, order)
	case Resume:
		return o.resume(ctx, order)
	case Approve, Reject:
		return o.decide(ctx, order)
	}
	return "", fmt.Errorf("there is no order %q", order.Action)
}

// audit notes what was done. What a subject was before and is now goes along.
func (o Operator) audit(ctx context.Context, order *Order, subject string, before, after any) error {
	record := store.AuditRecord{At: o.Now(), Who: o.Who, Action: string(order.Action), Subject: subject, Reason: order.Reason}
	var err error
	if record.Before, err = orNone(before); err != nil {
		return err
	}
	if record.After, err = orNone(after); err != nil {
		return err
	}
	return o.Store.Audit(ctx, record)
}

func orNone(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	return json.Marshal(v)
}

// until says for a sentence when something ends.
func until(t time.Time) string {
	if t.IsZero() {
		return "until it is taken back"
	}
	return "until " + t.Local().Format(time.DateTime)
}

func (o Operator) override(ctx context.Context, order Order) (string, error) {
	if strings.TrimSpace(order.Reason) == "" {
		return "", ErrNoReason
	}
	key, scope, err := keyOf(order)
	if err != nil {
		return "", err
	}
	before, err := o.overrideOf(ctx, key)
	if err != nil {
		return "", err
	}
	word := store.Override{
		Key: key, Deny: order.Action == Deny, Scope: scope, Reason: order.Reason, Owner: o.Who, Made: o.Now().UTC(), Until: order.Until.UTC(),
	}
	if order.Until.IsZero() {
		word.Until = time.Time{}
	}
	if _, err := o.Store.Override(ctx, word); err != nil {
		return "", err
	}
	said := fmt.Sprintf("%s %s is allowed %s: no output has it", key.Kind, key.Value, until(order.Until))
	if word.Deny {
		said = fmt.Sprintf("%s %s is denied %s: %s", key.Kind, key.Value, until(order.Until), o.comesOf(ctx, &word))
	}
	return said, o.audit(ctx, &order, key.Kind.String()+" "+key.Value, before, word)
}

// comesOf says what outputs do with a value that is denied.
func (o Operator) comesOf(ctx context.Context, word *store.Override) string {
	const all = "every output that takes its kind has it"
	if o.Protection == nil {
		return all + ", unless it must not be blocked"
	}
	set, err := o.Protection.Set(ctx)
	if err != nil {
		return all + ", unless it must not be blocked"
	}
	switch found := set.Check(word.Key, word.Scope); found.Verdict {
	case guard.Clear:
		return all
	case guard.Split:
		return all + "; " + found.Reason()
	default:
		return "no output that enforces takes it, for " + found.Reason()
	}
}

// overrideOf is what the site says of a value now, nil for nothing.
func (o Operator) overrideOf(ctx context.Context, key indicator.Key) (any, error) {
	all, err := o.Store.Overrides(ctx, o.Now())
	for _, word := range all {
		if word.Key == key {
			return word, err
		}
	}
	return nil, err
}

func (o Operator) lift(ctx context.Context, order Order) (string, error) {
	key, _, err := keyOf(order)
	if err != nil {
		return "", err
	}
	before, err := o.overrideOf(ctx, key)
	if err != nil {
		return "", err
	}
	lifted, err := o.Store.Lift(ctx, key, o.Now())
	if err != nil {
		return "", err
	}
	if !lifted {
		return "", fmt.Errorf("the site neither allows nor denies %s %s", key.Kind, key.Value)
	}
	said := fmt.Sprintf("%s %s is again what the sources say of it", key.Kind, key.Value)
	return said, o.audit(ctx, &order, key.Kind.String()+" "+key.Value, before, nil)
}

// guesses are the kinds that a value is tried as, in order: what looks like the
// first is hardly ever meant as one that follows.
var guesses = []indicator.Kind{
	indicator.IP, indicator.MD5, indicator.SHA1, indicator.SHA256, indicator.SHA512, indicator.Email, indicator.Domain, indicator.URL,
}

// keyOf reads the value of an order. People may speak of addresses that no hub
// may send.
func keyOf(order Order) (indicator.Key, indicator.Scope, error) {
	kinds := guesses
	if order.Kind != "" {
		kind, err := indicator.ParseKind(order.Kind)
		if err != nil {
			return indicator.Key{}, 0, err
		}
		kinds = []indicator.Kind{kind}
	}
	options := indicator.Options{AllowReserved: true, Refang: true}
	var failure error
	for _, kind := range kinds {
		canonical, err := options.Canon(kind, order.Value)
		if order.Kind == "" && settles(kind, err) {
			return indicator.Key{}, 0, fmt.Errorf("%w; if another kind is meant, say so with --kind", err)
		}
		if err != nil || canonical.Key.Kind != kind || order.Kind == "" && isBrokenPrefix(canonical.Key) {
			failure = errors.Join(failure, err)
			continue
		}
		scope := canonical.Scope
		if order.Subdomains && kind == indicator.Domain {
			scope = indicator.ScopeSubdomains
		}
		return canonical.Key, scope, nil
	}
	if order.Kind == "" || failure == nil {
		return indicator.Key{}, 0, fmt.Errorf("%q is no address, domain, URL, e-mail address or hash that could be used: \"indicatord canon KIND VALUE\" says why", order.Value)
	}
	return indicator.Key{}, 0, failure
}

// settles reports whether a value is of the kind, though it cannot be used: it is
// not to be taken for a path on a host, as which "com.cn" and "10.0.0.0/4" would
// pass too.
func settles(kind indicator.Kind, err error) bool {
	reject, ok := errors.AsType[*indicator.Reject](err)
	if !ok {
		return false
	}
	switch reject.Code {
	case indicator.CodeTooWide, indicator.CodeZoneID, indicator.CodeReservedAddress, indicator.CodeRangeReversed, indicator.CodeRangeMixed:
		return kind == indicator.IP
	case indicator.CodePublicSuffix, indicator.CodeLabelTooLong, indicator.CodeNameTooLong:
		return kind == indicator.Domain
	}
	return false
}

// isBrokenPrefix reports whether a URL is rather a prefix with a length that there
// is not, such as "192.0.2.0/33".
func isBrokenPrefix(key indicator.Key) bool {
	host, path, _ := strings.Cut(key.Value, "/")
	_, err := netip.ParseAddr(host)
	return key.Kind == indicator.URL && err == nil && path != "" && strings.Trim(path, "0123456789") == ""
}

func (o Operator) pause(ctx context.Context, order Order) (string, error) {
	if strings.TrimSpace(order.Reason) == "" {
		return "", ErrNoReason
	}
	if err := o.knownSubject(order.Subject); err != nil {
		return "", err
	}
	pauses, err := o.Store.Pauses(ctx, o.Now())
	if err != nil {
		return "", err
	}
	p := store.Pause{Subject: order.Subject, Since: o.Now(), Until: order.Until, Who: o.Who, Reason: order.Reason}
	if err := o.Store.SetPause(ctx, p); err != nil {
		return "", err
	}
	said := fmt.Sprintf("%s stands still %s; what is enforced stays", order.Subject, strings.Replace(until(order.Until), "taken back", "resumed", 1))
	return said, o.audit(ctx, &order, order.Subject, present(pauses, order.Subject), p)
}

func (o Operator) resume(ctx context.Context, order Order) (string, error) {
	pauses, err := o.Store.Pauses(ctx, o.Now())
	if err != nil {
		return "", err
	}
	ended, err := o.Store.EndPause(ctx, order.Subject)
	if err != nil {
		return "", err
	}
	if !ended {
		return "", fmt.Errorf("%s is not paused", order.Subject)
	}
	return order.Subject + " goes on", o.audit(ctx, &order, order.Subject, present(pauses, order.Subject), nil)
}

func present[T any](all map[string]T, name string) any {
	if one, ok := all[name]; ok {
		return one
	}
	return nil
}

func (o Operator) knownSubject(subject string) error {
	kind, name, _ := strings.Cut(subject, "/")
	switch {
	case subject == store.PauseAll:
		return nil
	case kind == "connector":
		for _, c := range o.Config.Connectors {
			if c.Name == name {
				return nil
			}
		}
	case kind == "output":
		for _, out := range o.Config.Outputs {
			if out.Name == name {
				return nil
			}
		}
	}
	return &UnknownNameError{Kind: kind, Name: name}
}
