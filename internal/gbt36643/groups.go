package gbt36643

import (
	"fmt"
	"strconv"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix"
)

func quoted(word string) string { return strconv.Quote(clip(word)) }

// groups reads the groups of values of an observable. Whether a relationship
// joins the values of its group, or the groups too, is not public, so values
// count alone only where every group says that any one suffices.
func (w *writer) groups(groups []node) {
	if !w.allOr(groups) {
		return
	}
	for i := range groups {
		values := groups[i].find(w.m.table.Observable.Values, w.loose())
		list := values.list()
		if len(list) == 0 {
			w.record.reject(CodeMissingValue, "a group of the observable holds no value", "")
		}
		for at := range list {
			w.typed(&list[at])
		}
	}
}

// allOr checks the relationships of all groups.
func (w *writer) allOr(groups []node) bool {
	t := &w.m.table.Observable
	all := true
	for i := range groups {
		group := &groups[i]
		if group.kind != '{' {
			w.record.reject(stix.CodeWrongType, "a group of the observable is no object", clip(group.text))
			all = false
			continue
		}
		values := group.find(t.Values, w.loose())
		alone := len(groups) == 1 && len(values.list()) == 1
		known := w.checkCondition(group, w.m.groupKeys, "a group of the observable")
		all = w.isOr(w.text(group, t.Relationship), alone) && known && all
	}
	return all
}

// isOr reports whether a relationship says that any one of the values suffices.
// To say nothing is no matter where there is only one, and the mapping loose.
func (w *writer) isOr(word string, alone bool) bool {
	if word == "" && alone && w.loose() {
		return true
	}
	return w.means(word, "relationship", w.m.words.relationships, meansOr, CodeOtherRelationship, CodeUnknownRelationship)
}

// means reports whether a word means what values alone can say.
func (w *writer) means(word, what string, in lexicon[string], want string, other, unknown indicator.Code) bool {
	meaning, ok := lookUp(w, in, word)
	switch {
	case word == "":
		w.record.reject(unknown, "no "+what+" is stated", "")
	case !ok:
		w.record.reject(unknown, fmt.Sprintf("the mapping does not know the %s %s", what, quoted(word)), clip(word))
	case meaning != want:
		w.record.reject(other, fmt.Sprintf("the %s is %s, and not one that a value alone can say", what, quoted(word)), clip(word))
	}
	return ok && meaning == want
}

// typed reads one typed value of a group.
func (w *writer) typed(value *node) {
	t := &w.m.table.Observable
	if value.kind != '{' {
		w.record.reject(stix.CodeWrongType, "a value of the observable is no object", clip(value.text))
		return
	}
	if !w.means(w.text(value, t.Constraint), "constraint", w.m.words.constraints, meansEqual, CodeOtherConstraint, CodeUnknownConstraint) {
		return
	}
	word := w.text(value, t.Type)
	name, known := lookUp(w, w.m.types, word)
	if !known {
		w.record.reject(CodeUnknownValueType, "the mapping does not know the type "+quoted(word), clip(word))
		return
	}
	if w.checkCondition(value, w.m.objectKeys[name], "a value of the type "+name) {
		w.test(value, name)
	}
}
