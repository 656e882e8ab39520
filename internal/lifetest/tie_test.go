package lifetest

import (
	"cmp"
	"maps"
	"slices"
)

// define notes what the source says of the unknown marking: the first counts.
func (k *knowledge) define(p published) {
	if d, ok := p.(*definition); ok && k.defined == nil {
		k.defined = d
	}
}

// level is what a marking means to this source. What nobody has defined is the
// strictest, and what sets no level is like no marking.
func (k *knowledge) level(m marking, s sourceSettings) string {
	switch {
	case !m.unknown:
		return cmp.Or(m.level, s.unmarked)
	case k.defined == nil:
		return "red"
	}
	return cmp.Or(k.defined.level, s.unmarked)
}

// named is the name of a threat, and who may see it.
type named struct{ name, tlp string }

// tie is a live relationship, with the name of its threat where that is known.
type tie struct {
	relation, threat, tlp string
	named
}

// ties are the live relationships of a source, by the id of the indicator.
func (m *model) ties(source string) map[string][]tie {
	k, s := m.sources[source], m.settings.sources[source]
	all := map[string][]tie{}
	for _, id := range slices.Sorted(maps.Keys(k.objects)) {
		r, ok := k.objects[id].published.(*relation)
		if !ok || r.other || k.objects[id].state != live {
			continue
		}
		t := tie{relation: id, threat: threatID(r.threat), tlp: k.level(r.marking, s)}
		if o := k.objects[t.threat]; o != nil && o.state == live {
			known := o.published.(*threat)
			t.named = named{known.name, stricter(k.level(known.marking, s), known.marking.nameLevel)}
		}
		subject := indicatorID(r.subject)
		all[subject] = append(all[subject], t)
	}
	return all
}

func stricter(x, y string) string {
	if strictness(x) < strictness(y) {
		return y
	}
	return x
}

// learn reads the live indicators again of which others now tell otherwise than
// before, or of which the marking is known now.
func (m *model) learn(source string, before map[string][]tie, defined *definition) {
	k, now := m.sources[source], m.ties(source)
	for id, o := range k.objects {
		f, ok := o.published.(*fact)
		told := ok && f.marking.unknown && defined != k.defined
		if ok && o.state == live && (told || !slices.Equal(before[id], now[id])) {
			m.interpret(source, o)
		}
	}
}

// threats are what an indicator indicates. What two relationships tell is as open
// as the more open of them.
func (m *model) threats(source, id string) []named {
	open := map[string]string{}
	for _, t := range m.ties(source)[id] {
		level := stricter(t.tlp, t.named.tlp)
		if known, ok := open[t.name]; t.name != "" && (!ok || strictness(level) < strictness(known)) {
			open[t.name] = level
		}
	}
	var all []named
	for name, level := range open {
		all = append(all, named{name, level})
	}
	return all
}

// mayKnow are the threats whose names the output may see.
func (o outputSettings) mayKnow(threats []named) []named {
	return slices.DeleteFunc(threats, func(t named) bool { return o.tlp != "" && strictness(t.tlp) > strictness(o.tlp) })
}
