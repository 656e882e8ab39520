package lifetest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/store"
)

// override is the site's own word on a key, which goes before that of any
// source.
type override struct {
	key  string
	deny bool
	// hours is how long it lasts, 0 for ever.
	hours int
}

func (o override) String() string {
	return fmt.Sprintf("the site says of %s: deny=%t, for %dh", o.key, o.deny, o.hours)
}

func (o override) take(ctx context.Context, s *site) error {
	s.model.override(o)
	word := store.Override{Key: keyOf(o.key), Deny: o.deny, Reason: "a reason", Owner: "somebody", Made: s.line.now}
	if o.hours > 0 {
		word.Until = s.line.now.Add(time.Duration(o.hours) * time.Hour)
	}
	_, err := s.line.store.Override(ctx, word)
	return err
}

// lift takes the site's word back.
type lift struct{ key string }

func (l lift) String() string { return "the site says nothing more of " + l.key }

func (l lift) take(ctx context.Context, s *site) error {
	want := s.model.lift(l.key)
	lifted, err := s.line.store.Lift(ctx, keyOf(l.key), s.line.now)
	if err == nil && lifted != want {
		return fmt.Errorf("there was a word to take back: %t, want %t", lifted, want)
	}
	return err
}

func keyOf(key string) indicator.Key {
	kind, value, _ := strings.Cut(key, " ")
	return indicator.Key{Kind: mustParse(indicator.ParseKind, kind), Value: value}
}

// word is what the model knows of the site's own word on a key.
type word struct {
	override
	claim   claim
	version time.Time
	state   state
}

// override notes the site's word, in place of an earlier one. Its versions rise
// whatever the clock does.
func (m *model) override(o override) {
	w := word{override: o, version: m.now, state: live, claim: claim{
		key: o.key, from: m.now, end: "none", confidence: 100, tlp: "amber", types: []string{"benign"}, scope: "exact",
	}}
	if o.deny {
		w.claim.types, w.claim.names = []string{"malicious-activity"}, []string{"deny: a reason"}
	}
	if o.hours > 0 {
		w.claim.until, w.claim.end = m.now.Add(time.Duration(o.hours)*time.Hour), "hub"
	}
	if before, known := m.words[o.key]; known && !w.version.After(before.version) {
		w.version = before.version.Add(time.Microsecond)
	}
	m.words[o.key] = w
	if _, known := m.seen[o.key]; !known {
		m.seen[o.key] = m.now
	}
}

// lift takes the site's word back, and reports whether there was one.
func (m *model) lift(key string) bool {
	w, known := m.words[key]
	if !known || w.state != live {
		return false
	}
	w.state = withdrawn
	m.words[key] = w
	return true
}

// ownWord is the site's word on a key, where it says one now. It has begun when
// it was said, whatever the clock says since.
func (m *model) ownWord(key string) (word, bool) {
	w, known := m.words[key]
	holds := w.claim.until.IsZero() || m.now.Before(w.claim.until)
	return w, known && w.state == live && holds
}

// stated is the site's word as a claim like those of the sources.
func (w word) stated() stated {
	kind, value, _ := strings.Cut(w.key, " ")
	return stated{claim: w.claim, source: "site", id: "override--" + kind + ":" + value, version: w.version}
}
