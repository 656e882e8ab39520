package lifetest

import (
	"slices"

	"pgregory.net/rapid"
)

// typeVocabulary are the indicator types that facts state.
var typeVocabulary = []string{"malicious-activity", "benign", "anomalous-activity", "compromised"}

// one draws one of a few.
func one[T any](r *rapid.T, label string, few ...T) T { return rapid.SampledFrom(few).Draw(r, label) }

// seldom is true one time in five.
func seldom(r *rapid.T, label string) bool { return rapid.IntRange(0, 4).Draw(r, label) == 4 }

func drawSource(r *rapid.T) string { return one(r, "source", sourceNames...) }

func drawOutput(r *rapid.T) string { return one(r, "output", outputNames...) }

func drawHistory(r *rapid.T) history {
	h := history{settings: settings{sources: map[string]sourceSettings{}, outputs: map[string]outputSettings{}}}
	for _, name := range sourceNames {
		h.settings.sources[name] = drawSourceSettings(r)
	}
	for _, name := range outputNames {
		h.settings.outputs[name] = drawOutputSettings(r)
	}
	// It begins with what there is to begin with: an empty site has no life.
	h.steps = rapid.SliceOfN(rapid.Custom(drawPublish), 2, 5).Draw(r, "beginning")
	for _, name := range sourceNames {
		p := drawPull(r).(pull)
		p.source = name
		h.steps = append(h.steps, p)
	}
	h.steps = append(h.steps, rapid.SliceOfN(rapid.Custom(drawStep), 8, 22).Draw(r, "steps")...)
	h.steps = slices.DeleteFunc(h.steps, func(s step) bool { _, is := s.(nothing); return is })
	return h
}

func drawSourceSettings(r *rapid.T) sourceSettings {
	s := sourceSettings{
		removed:     rapid.IntRange(0, 11).Draw(r, "removed") == 11,
		unmarked:    one(r, "unmarked_tlp", "amber", "green", "red"),
		bareDomains: one(r, "bare_domains", "exact", "subdomains"),
		lifetime:    map[string]int{},
	}
	for _, kind := range []string{"ip", "domain"} {
		if hours := one(r, "lifetime", 0, 3, 8, 24); hours > 0 {
			s.lifetime[kind] = hours
		}
	}
	return s
}

// drawOutputSettings draws most conditions seldom: all of them at once leave
// nothing to see.
func drawOutputSettings(r *rapid.T) outputSettings {
	o := outputSettings{enforcing: rapid.Bool().Draw(r, "enforcing"), unstated: absent}
	if seldom(r, "chooses kinds") {
		o.kinds = one(r, "kinds", []string{"domain"}, []string{"domain", "ip"}, []string{"url", "sha256"})
	}
	if seldom(r, "chooses confidence") {
		o.confidence = one(r, "min_confidence", 30, 50, 85)
		o.unstated = one(r, "unstated_confidence", absent, 0, 50)
	}
	if one(r, "bounds TLP", false, false, true) {
		o.tlp = one(r, "max_tlp", "amber+strict", "amber", "green", "clear")
	}
	if seldom(r, "chooses age") {
		o.age = one(r, "max_age", 2, 4, 8)
	}
	if seldom(r, "chooses labels") {
		o.labels = []string{"energy"}
	}
	if seldom(r, "chooses sources") {
		o.sources = []string{drawSource(r)}
	}
	if seldom(r, "chooses direction") {
		o.direction = one(r, "direction", "to", "from")
	}
	return o
}

// drawStep draws what happens: the more often a step is in the list, the more
// often it happens.
func drawStep(r *rapid.T) step {
	return one(r, "step",
		drawNothing, drawPublish, drawPublish, drawPublish, drawPublish, drawPublish, drawPull, drawPull, drawPull, drawPull, drawPull,
		drawDrop, drawDrop, drawWait, drawWait, drawHiccup, drawHiccup, drawCheck, drawCheck, drawReload, drawReload, drawRestart,
		drawMaintain, drawOverride,
	)(r)
}

// drawNothing is what a failing history is made shorter with.
func drawNothing(*rapid.T) step { return nothing{} }

func drawPublish(r *rapid.T) step {
	return publish{drawSource(r), rapid.SliceOfN(rapid.Custom(drawPublished), 1, 3).Draw(r, "facts")}
}

func drawObject(r *rapid.T) int { return rapid.IntRange(1, 4).Draw(r, "object") }

// related are the markings of what tells of indicators, which has no pattern.
var related = slices.DeleteFunc(slices.Clone(markings), func(m marking) bool { return len(m.pattern) > 0 })

// drawPublished draws indicators most of the time, and else what tells of them.
func drawPublished(r *rapid.T) published {
	switch rapid.IntRange(0, 9).Draw(r, "what") {
	case 0:
		return &definition{level: one(r, "level", "green", "clear", "amber", "")}
	case 1:
		return &threat{
			number: drawThreat(r), name: one(r, "name", "Industroyer", "Industroyer", "Loader"), modified: drawModified(r),
			revoked: seldom(r, "revoked"), marking: one(r, "marking", related...),
		}
	case 2, 3:
		return &relation{
			number: drawRelation(r), subject: drawObject(r), threat: drawThreat(r), modified: drawModified(r),
			revoked: seldom(r, "revoked"), other: seldom(r, "other"), marking: one(r, "marking", related...),
		}
	}
	return drawFact(r)
}

func drawThreat(r *rapid.T) int { return rapid.IntRange(1, 2).Draw(r, "threat") }

func drawRelation(r *rapid.T) int { return rapid.IntRange(1, 3).Draw(r, "relation") }

func drawModified(r *rapid.T) int { return rapid.IntRange(-4, 4).Draw(r, "modified") }

func drawFact(r *rapid.T) *fact {
	f := &fact{
		object: drawObject(r), modified: drawModified(r), spelling: one(r, "spelling", 3, 0, 6),
		revoked: rapid.IntRange(0, 15).Draw(r, "revoked") == 15, broken: rapid.IntRange(0, 15).Draw(r, "broken") == 15,
		terms: rapid.SliceOfN(rapid.Custom(drawTerm), 1, 3).Draw(r, "terms"), apart: rapid.Bool().Draw(r, "apart"),
		from: absent, until: absent, confidence: one(r, "confidence", 50, absent, 0, 30, 85),
		marking: one(r, "marking", markings...),
	}
	if rapid.Bool().Draw(r, "has valid_from") {
		f.from = rapid.IntRange(-8, 5).Draw(r, "valid_from")
	}
	if rapid.Bool().Draw(r, "has valid_until") {
		f.until = rapid.IntRange(-1, 14).Draw(r, "valid_until")
	}
	f.types = one(r, "types", nil, []string{"malicious-activity"}, []string{"anomalous-activity", "compromised"}, []string{"malicious-activity"}, []string{"anomalous-activity"}, []string{"benign"})
	f.labels = one(r, "labels", nil, []string{"energy"}, []string{"energy", `misp:type="ip-dst"`}, []string{`misp:type="ip-src"`})
	return f
}

func drawTerm(r *rapid.T) term {
	t := term{value: one(r, "value", append(slices.Clone(values[:4]), values...)...)}
	if t.value.object != "" {
		t.way = one(r, "way", "", "", "to", "from")
	}
	return t
}

func drawPull(r *rapid.T) step {
	p := pull{source: drawSource(r), full: one(r, "full", false, false, true), size: rapid.IntRange(1, 3).Draw(r, "size"), cut: -1, late: -1, most: -1}
	if rapid.Bool().Draw(r, "shuffled") {
		p.order = uint64(rapid.IntRange(1, 1000).Draw(r, "seed"))
	}
	if rapid.Bool().Draw(r, "repeated") {
		p.repeats = rapid.IntRange(1, 3).Draw(r, "repeats")
	}
	if seldom(r, "cut") {
		p.cut = rapid.IntRange(0, 3).Draw(r, "after")
	}
	if seldom(r, "delayed") {
		p.late = rapid.IntRange(1, 3).Draw(r, "late")
	}
	if p.full {
		p.unsaid = seldom(r, "unsaid")
		if seldom(r, "bounded") {
			p.most = rapid.IntRange(0, 1).Draw(r, "most")
		}
	}
	return p
}

func drawDrop(r *rapid.T) step {
	id := one(r, "id", indicatorID(drawObject(r)), indicatorID(drawObject(r)), threatID(drawThreat(r)), relationID(drawRelation(r)), nobodys)
	return drop{drawSource(r), id, rapid.Bool().Draw(r, "tells")}
}

func drawWait(r *rapid.T) step {
	if seldom(r, "back") {
		return wait{hours: -rapid.IntRange(1, 4).Draw(r, "hours")}
	}
	return wait{hours: rapid.IntRange(1, 6).Draw(r, "hours"), swept: rapid.Bool().Draw(r, "swept")}
}

func drawHiccup(r *rapid.T) step {
	h := hiccup{output: drawOutput(r), trouble: noTrouble}
	switch rapid.IntRange(0, 3).Draw(r, "trouble") {
	case 0:
		h.away = true
	case 1:
		h.refuses = one(r, "refuses", "domain", "ip", "domain a", "url")
	default:
		h.breaksOff = rapid.IntRange(0, 3).Draw(r, "taken")
	}
	return h
}

func drawCheck(r *rapid.T) step { return check{drawOutput(r)} }

func drawReload(r *rapid.T) step {
	if rapid.Bool().Draw(r, "of a source") {
		s := drawSourceSettings(r)
		return reload{name: drawSource(r), source: &s}
	}
	o := drawOutputSettings(r)
	return reload{name: drawOutput(r), output: &o}
}

func drawOverride(r *rapid.T) step {
	key := one(r, "value", values...).key
	if seldom(r, "lifted") {
		return lift{key}
	}
	return override{key, rapid.Bool().Draw(r, "denied"), one(r, "for", 0, 2, 6)}
}

func drawRestart(*rapid.T) step { return restart{} }

func drawMaintain(*rapid.T) step { return maintain{} }
