package gbt36643

import (
	"slices"

	"github.com/indicatord/indicatord/internal/indicator"
)

// The words of STIX for indicator types (indicator-type-ov) that stand for what
// a record says with yes and no.
const (
	typeBenign    = "benign"
	typeMalicious = "malicious-activity"
)

// verdict is what the words of a record come to.
type verdict struct {
	types     []string // what the known words mean
	unknown   []string // words that the mapping does not know
	direction indicator.Direction
	known     int // words that the mapping knows
	weak      int // those of them that are no ground to block
}

// judge reads what the record says its values are. Outputs that enforce take
// neither what is benign nor what has weak types alone, so a record that has only
// weak words for a value gets no type beside theirs, whatever else it says.
func (w *writer) judge(n *node) {
	said, read := w.texts(n, w.sort.Fields.Types)
	w.usable = w.usable && read // what cannot be read may be that it is benign
	v := w.verdict(said)
	weak := v.known > 0 && v.known == v.weak
	malicious, stated := w.truth(n, w.sort.Fields.Malicious)
	switch {
	case stated && !malicious:
		v.add(typeBenign)
	case stated && !weak:
		v.add(typeMalicious)
	case w.sort.Judged && v.known == 0:
		w.record.reject(CodeMissingJudgment, "no word that the mapping knows says what the value is", "")
		w.usable = false
	}
	w.out.IndicatorTypes = v.types
	if !weak && !w.sort.Judged {
		w.out.IndicatorTypes = append(v.types, v.unknown...)
	}
	if w.direction == indicator.DirectionUnknown {
		w.direction = v.direction
	}
}

// verdict adds up the words. A weak one says nothing of the direction.
func (w *writer) verdict(said []string) verdict {
	var v verdict
	for _, word := range said {
		w.label(word)
		j, ok := lookUp(w, w.m.words.types, word)
		if !ok {
			w.usable = w.unknownWord("type", word) && w.usable
			v.unknown = append(v.unknown, word)
			continue
		}
		v.known++
		v.add(j.Type)
		if j.Weak {
			v.weak++
			continue
		}
		direction, _ := indicator.ParseDirection(j.Direction) // the table was validated
		v.direction |= direction
	}
	return v
}

func (v *verdict) add(word string) {
	if !slices.Contains(v.types, word) {
		v.types = append(v.types, word)
	}
}
