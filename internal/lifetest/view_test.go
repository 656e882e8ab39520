package lifetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// levels are the TLP levels, the widest audience first.
var levels = []string{"", "clear", "green", "amber", "amber+strict", "red"}

func strictness(level string) int { return slices.Index(levels, level) }

// shown is what a tool is shown of a key: everything of it is merged from what
// the view may see.
type shown struct {
	Confidence  int
	TLP         string
	Direction   string
	Scope       string
	Types       []string
	From, Until time.Time
	Version     time.Time
	// What follows is shown in full only.
	Sources, Objects, Names, Labels, Threats []string
	// Said has a line for each claim.
	Said []string
	// level is the TLP without that of the threats.
	level string
}

// keysOnly leaves out what a tool of lists of keys is not shown.
func (s shown) keysOnly() shown {
	s.TLP = s.level
	s.Sources, s.Objects, s.Names, s.Labels, s.Threats, s.Said = nil, nil, nil, nil, nil, nil
	return s
}

// stated is a claim with who makes it.
type stated struct {
	claim
	source  string
	id      string // of the object
	version time.Time
	threats []named
}

// stated are the claims that are not taken back, by key.
func (m *model) stated() map[string][]stated {
	all := map[string][]stated{}
	for key := range m.words {
		all[key] = nil
	}
	for _, source := range sourceNames {
		k := m.sources[source]
		for _, id := range slices.Sorted(maps.Keys(k.objects)) {
			o := k.objects[id]
			for _, c := range o.claims {
				if o.state == live {
					all[c.key] = append(all[c.key], stated{c, source, id, hour(o.head().version), m.threats(source, id)})
				}
			}
		}
	}
	return all
}

// view is what an output has to show now.
func (m *model) view(output string) map[string]shown {
	o := m.settings.outputs[output]
	view := map[string]shown{}
	for key, claims := range m.stated() {
		if claims = m.visible(o, key, claims); len(claims) > 0 {
			view[key] = merge(claims, o)
		}
	}
	return view
}

// visible are the claims about a key that an output has to show now.
func (m *model) visible(o outputSettings, key string, claims []stated) []stated {
	own, said := m.ownWord(key)
	if said && !own.deny {
		return nil // what the site allows is in no view
	}
	claims = m.visibleOfSources(o, claims)
	if said && o.takes(key) {
		claims = append(claims, own.stated())
	}
	return claims
}

func (m *model) visibleOfSources(o outputSettings, claims []stated) []stated {
	claims = slices.DeleteFunc(claims, func(s stated) bool { return !m.holds(s) || !m.mayBeSeen(o, s) })
	if o.enforcing && slices.ContainsFunc(claims, func(s stated) bool { return slices.Contains(s.types, "benign") }) {
		return nil // what anyone calls benign is not enforced
	}
	return slices.DeleteFunc(claims, func(s stated) bool { return !o.selects(s) || o.outlives(s, m.now) })
}

// undecided are the keys of which a tool may hold either: after the clock was
// set back nobody knows which of its two times was right, so what had begun by
// the later one may stay, and what is new does not begin.
func (m *model) undecided() map[string]bool {
	keys := map[string]bool{}
	for key, claims := range m.stated() {
		for _, s := range claims {
			if m.now.Before(s.from) && !s.from.After(m.latest) && (s.from.After(m.seen[key]) || m.unsure[key]) {
				keys[key] = true
			}
		}
	}
	return keys
}

// holds reports whether a claim holds now. What had begun when the site first
// saw the key has begun, whatever the clock says.
func (m *model) holds(s stated) bool {
	begun := !m.now.Before(s.from) || !s.from.After(m.seen[s.key])
	return begun && (s.until.IsZero() || m.now.Before(s.until))
}

// mayBeSeen reports whether the claim may take part in the view at all.
func (m *model) mayBeSeen(o outputSettings, s stated) bool {
	switch {
	case m.settings.sources[s.source].removed:
		return false
	case len(o.sources) > 0 && !slices.Contains(o.sources, s.source):
		return false
	case o.tlp != "" && strictness(s.tlp) > strictness(o.tlp):
		return false
	}
	return true
}

// selects reports whether the claim is one that the output asks for.
func (o outputSettings) selects(s stated) bool {
	confidence := s.confidence
	if confidence == absent {
		confidence = o.unstated
	}
	switch {
	case !o.takes(s.key):
		return false
	case o.enforcing && len(s.types) > 0 && !slices.ContainsFunc(s.types, strong):
		return false
	case o.confidence > 0 && confidence < o.confidence:
		return false
	case o.direction != "" && len(s.ways) > 0 && !slices.Contains(s.ways, o.direction):
		return false
	case len(o.labels) > 0 && !slices.ContainsFunc(s.labels, func(l string) bool { return slices.Contains(o.labels, l) }):
		return false
	}
	return true
}

// outlives reports whether the claim is older than the output asks for.
func (o outputSettings) outlives(s stated, now time.Time) bool {
	if now.Before(s.from) {
		now = s.from // the clock was set back
	}
	return o.age > 0 && now.Sub(s.version) > time.Duration(o.age)*time.Hour
}

// takes reports whether the output takes keys of this kind.
func (o outputSettings) takes(key string) bool {
	kind, _, _ := strings.Cut(key, " ")
	return len(o.kinds) == 0 || slices.Contains(o.kinds, kind)
}

// strong reports whether a type is a ground to enforce something (STIX 2.1,
// section 10.5).
func strong(word string) bool { return word == "malicious-activity" || word == "compromised" }

// waits reports whether a view is kept from its tool: nothing is in it, and a
// source that it may see has never been pulled to its end.
func (m *model) waits(output string) bool {
	configured := m.settings.configured()
	if len(m.view(output)) > 0 {
		return false
	}
	only := m.settings.outputs[output].sources
	return len(configured) == 0 || slices.ContainsFunc(configured, func(name string) bool {
		return !m.sources[name].complete && (len(only) == 0 || slices.Contains(only, name))
	})
}

// merge makes one of several claims about a key: the highest confidence, the
// strictest marking, the widest scope and time, and everything that is said.
func merge(claims []stated, o outputSettings) shown {
	merged := shown{Confidence: -1, Scope: "exact", From: claims[0].from, Until: claims[0].until}
	var ways []string
	for _, s := range claims {
		merged.Confidence = max(merged.Confidence, s.confidence)
		merged.level = stricter(merged.level, s.tlp)
		merged.TLP = stricter(merged.TLP, s.tlp)
		if s.scope == "subdomains" {
			merged.Scope = s.scope
		}
		if s.from.Before(merged.From) {
			merged.From = s.from
		}
		if s.until.IsZero() || !merged.Until.IsZero() && s.until.After(merged.Until) {
			merged.Until = s.until
		}
		if s.version.After(merged.Version) {
			merged.Version = s.version
		}
		ways = append(ways, s.ways...)
		merged.Types = append(merged.Types, s.types...)
		merged.Labels = append(merged.Labels, s.labels...)
		merged.Sources = append(merged.Sources, s.source)
		merged.Objects = append(merged.Objects, s.id)
		merged.Names = append(merged.Names, s.names...)
		for _, t := range o.mayKnow(s.threats) {
			merged.Threats = append(merged.Threats, t.name)
			merged.TLP = stricter(merged.TLP, t.tlp)
		}
		merged.Said = append(merged.Said, s.String())
	}
	merged.Direction = direction(ways)
	for _, words := range []*[]string{&merged.Types, &merged.Labels, &merged.Sources, &merged.Objects, &merged.Names, &merged.Threats, &merged.Said} {
		*words = set(*words)
	}
	return merged
}

// set sorts words and keeps each once.
func set(words []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(words)))
}

func direction(ways []string) string {
	switch ways = set(ways); len(ways) {
	case 0:
		return "unknown"
	case 1:
		return ways[0]
	}
	return "both"
}

// String tells of a claim in a line.
func (s stated) String() string {
	until := "-"
	if !s.until.IsZero() {
		until = clock(s.until)
	}
	return fmt.Sprintf("%s %s of %s, %s to %s (%s), confidence %d, %s, %s, %s, %v", s.source, s.id, clock(s.version),
		clock(s.from), until, s.end, max(s.confidence, -1), s.tlp, direction(s.ways), s.scope, set(s.types))
}

// clock writes a time as an hour of the history.
func clock(t time.Time) string { return fmt.Sprintf("%+.6gh", t.Sub(noon).Hours()) }
