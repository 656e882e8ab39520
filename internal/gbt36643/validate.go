package gbt36643

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix/pattern"
)

// validate returns everything that is wrong with a table, each under its key.
func (t *table) validate() error {
	var wrong []error
	fail := func(key, format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("%s: %s", key, fmt.Sprintf(format, args...)))
	}
	if t.Mode != modeLoose && t.Mode != modeStrict {
		fail("mode", "%q is neither loose nor strict", t.Mode)
	}
	if _, err := parseZone(t.Zone); err != nil {
		fail("zone", "%v", err)
	}
	t.validateContainer(fail)
	for name, s := range sorted(t.Records) {
		s.validate("records."+name, t, fail)
	}
	for name, o := range sorted(t.Objects) {
		o.validate("objects."+name, fail)
	}
	t.Words.validate(fail)
	return errors.Join(wrong...)
}

type failure func(key, format string, args ...any)

// sorted yields what a map holds in the order of its keys.
func sorted[T any](m map[string]T) func(yield func(string, T) bool) {
	return func(yield func(string, T) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

func (t *table) validateContainer(fail failure) {
	for _, places := range []map[string]string{t.Container.Lists, t.Container.Keyed} {
		for path, name := range sorted(places) {
			if _, ok := t.Records[name]; !ok && name != anySort {
				fail("container."+path, "records has no sort %q", name)
			}
		}
	}
	if len(t.Answer.Code) > 0 && len(t.Answer.OK) == 0 {
		fail("answer.ok", "say which codes are no errors")
	}
}

func (s *sort) validate(key string, t *table, fail failure) {
	if !slices.Contains([]string{roleIndicator, roleObservable, roleContext}, s.Role) {
		fail(key+".role", "%q is none of indicator, observable and context", s.Role)
	}
	if _, ok := t.Objects[s.Self]; !ok && s.Self != "" {
		fail(key+".self", "objects has no type %q", s.Self)
	}
	if s.Role == roleIndicator && len(s.Fields.ID) == 0 {
		fail(key+".fields.id", "an indicator needs an id")
	}
	if slices.Contains(s.IDs, "") {
		fail(key+".ids", "every id begins with nothing")
	}
}

func (o *objectType) validate(key string, fail failure) {
	if len(o.Tests) == 0 {
		fail(key+".tests", "without a test it holds no value")
	}
	for name, rule := range sorted(o.Tests) {
		at := key + ".tests." + name
		if err := checkProperty(rule.Is); err != nil {
			fail(at+".is", "%v", err)
		}
		if len(rule.Keys) == 0 {
			fail(at+".keys", "say where the value stands")
		}
		if len(rule.For) > 0 && len(o.By) == 0 {
			fail(at+".for", "there is no key %s.by whose words it could mean", key)
		}
	}
}

// checkProperty checks that a value can be compared with the property.
func checkProperty(property string) error {
	if property == byForm {
		return nil
	}
	p, err := pattern.Parse("["+property+" = 'x']", pattern.Options{Refuse: pattern.AllLeniencies})
	if err != nil {
		return fmt.Errorf("%q is neither %s nor a STIX object path: %w", property, byForm, err)
	}
	// A path that is quoted is written as it is needed, so only the words count.
	if only := p.String(); len(strings.Fields(only)) != len(strings.Fields("[path = 'x']")) {
		return fmt.Errorf("%q is more than a STIX object path", property)
	}
	return nil
}

func (w *words) validate(fail failure) {
	for word, meaning := range sorted(w.Relationships) {
		w.oneOf(fail, "relationships", word, meaning, meansOr, meansOther)
	}
	for word, meaning := range sorted(w.Constraints) {
		w.oneOf(fail, "constraints", word, meaning, meansEqual, meansOther)
	}
	for word, property := range sorted(w.Values) {
		if err := checkProperty(property); err != nil {
			fail("words.values."+word, "%v", err)
		}
	}
	for word, number := range sorted(w.Confidence) {
		if number < 0 || number > 100 {
			fail("words.confidence."+word, "%d is not from 0 to 100", number)
		}
	}
	for word, level := range sorted(w.Markings) {
		if _, err := indicator.ParseTLP(level); err != nil {
			fail("words.markings."+word, "%v", err)
		}
	}
	for word, direction := range sorted(w.Directions) {
		w.direction(fail, "directions", word, direction)
	}
	for word, j := range sorted(w.Types) {
		w.direction(fail, "types", word, cmp.Or(j.Direction, "unknown"))
		w.judgment(fail, word, j)
	}
}

// judgment checks the type of a word. One that is no ground to block needs a type
// that outputs which enforce leave out.
func (w *words) judgment(fail failure, word string, j judgment) {
	const harmless = indicator.WeakTypes | indicator.TypeBenign
	switch {
	case j.Type == "":
		fail("words.types."+word, "it has no type")
	case j.Weak && indicator.TypesOf([]string{j.Type})&^harmless != 0:
		fail("words.types."+word, "a weak word cannot have the type %q, which is enforced", j.Type)
	}
}

func (w *words) oneOf(fail failure, list, word, meaning string, allowed ...string) {
	if !slices.Contains(allowed, meaning) {
		fail("words."+list+"."+word, "%q is not %s", meaning, strings.Join(allowed, " or "))
	}
}

func (w *words) direction(fail failure, list, word, direction string) {
	if _, err := indicator.ParseDirection(direction); err != nil {
		fail("words."+list+"."+word, "%v", err)
	}
}
