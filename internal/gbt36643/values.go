package gbt36643

import (
	"fmt"

	"github.com/indicatord/indicatord/internal/stix"
)

// maxReferences is how many observables may refer one to the next.
const maxReferences = 8

// values reads what the indicator is about, from wherever the record says it.
func (w *writer) values(n *node) {
	before := len(w.record.Rejects)
	if w.sort.Self != "" {
		w.test(n, w.sort.Self)
	}
	refs := n.find(w.sort.Fields.Observable, w.loose())
	w.observables(refs.list())
	parts := n.find(w.sort.Fields.Composite, w.loose())
	for _, part := range parts.list() {
		w.part(&part)
	}
	if len(w.terms) == 0 && len(w.record.Rejects) == before {
		w.record.reject(CodeMissingObservable, "the indicator names neither an observable nor values", "")
	}
	for _, left := range w.record.Rejects[before:] {
		w.record.remainder = append(w.record.remainder, string(left.Code))
	}
}

// part reads one part of a composite expression, each of which counts alone.
func (w *writer) part(part *node) {
	t := &w.m.table.Composite
	if part.kind != '{' {
		w.record.reject(stix.CodeWrongType, "a part of the composite expression is no object", clip(part.text))
		return
	}
	if !w.checkCondition(part, w.m.partKeys, "a part of the composite expression") {
		return
	}
	value := part.find(t.Value, w.loose())
	word := w.text(part, t.Type)
	property, known := lookUp(w, w.m.words.values, word)
	switch {
	case !value.present():
		w.record.reject(CodeMissingValue, "a part of the composite expression has no value", "")
	case !known:
		w.record.reject(CodeUnknownValueType, "the mapping does not know the type "+quoted(word), clip(value.text))
	default:
		w.compare([]comparison{{property, value}})
	}
}

// observables reads the observables that the indicator names. How several of
// them would belong together is nowhere said.
func (w *writer) observables(refs []node) {
	if len(refs) > 1 {
		w.record.reject(CodeUnknownRelationship,
			fmt.Sprintf("the indicator names %d observables, and not how they belong together", len(refs)), "")
		return
	}
	for i := range refs {
		w.observable(&refs[i], maxReferences)
	}
}

// observable reads an observable, or what it refers to.
func (w *writer) observable(n *node, left int) {
	if n.kind != '{' {
		w.resolve(n, left)
		return
	}
	groups := n.find(w.m.table.Observable.Groups, w.loose())
	list := groups.list()
	if len(list) > 0 {
		w.groups(list)
		return
	}
	for name, of := range sorted(w.m.table.Records) {
		ref := n.find(of.Fields.IDRef, w.loose())
		if ref.present() && w.m.table.Records[name].Role == roleObservable {
			w.resolve(&ref, left)
			return
		}
	}
	w.record.reject(CodeMissingValue, "the observable holds no value", "")
}

// resolve reads the observable of that id, wherever in the file it stands.
func (w *writer) resolve(ref *node, left int) {
	if !ref.scalar() {
		w.record.reject(stix.CodeWrongType, "the observable is named by something that is no id", "")
		return
	}
	id := w.trim(ref.text)
	found, ok := w.file.observables[id]
	switch {
	case !ok:
		w.record.reject(CodeUnresolvedObservable, "the file holds no observable of this id", clip(id))
		return
	case left == 0:
		w.record.reject(CodeUnresolvedObservable, "the observables refer to one another without end", clip(id))
		return
	}
	n, err := parseNode(found.raw)
	if err != nil {
		w.record.reject(CodeUnresolvedObservable, "the observable is no valid JSON: "+jsonCause(found.raw, err), clip(id))
		return
	}
	if w.checkKeys(&n, w.m.keys[found.sort], "the observable") {
		w.observable(&n, left-1)
	}
}
