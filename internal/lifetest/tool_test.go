package lifetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// takes says which side of a delivery a tool takes.
type takes string

const (
	changes takes = "changes"
	lists   takes = "lists"
	keys    takes = "lists of keys"
)

// tool is an output with its tool, which fails as a history plans.
type tool struct {
	takes takes
	// never is a key that the tool refuses for good.
	never string
	held  map[string]shown
	asked int
	trouble
}

// trouble is how a delivery fails.
type trouble struct {
	away bool
	// breaksOff is how many changes the tool takes before its answer is lost,
	// or that the answer to a list is lost; absent for neither.
	breaksOff int
	// refuses is the beginning of the keys that the tool does not take for now,
	// "" for none.
	refuses string
}

var (
	noTrouble = trouble{breaksOff: absent}
	errAway   = errors.New("the tool is away")
	errLost   = errors.New("the tool's answer is lost")
)

// Deliver implements [outputs.Output].
func (t *tool) Deliver(_ context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	t.asked++
	if t.away {
		return outputs.Receipt{}, errAway
	}
	var refused []outputs.Refusal
	var err error
	if t.takes == changes {
		refused, err = t.change(d.Changes)
	} else {
		refused, err = t.replace(d.All(outputs.Detail(t.takes == lists)))
	}
	if err == nil && len(refused) > 0 {
		err = &outputs.PartialError{Refused: refused}
	}
	return outputs.Receipt{Held: len(t.held)}, err
}

func (t *tool) change(all iter.Seq2[outputs.Change, error]) ([]outputs.Refusal, error) {
	var refused []outputs.Refusal
	n := 0
	for change, err := range all {
		if err != nil {
			return nil, err
		}
		if n++; t.breaksOff != absent && n > t.breaksOff {
			return nil, errLost
		}
		key := change.Entry.Key.String()
		if change.Op == outputs.Remove {
			delete(t.held, key)
		} else if refusal := t.refusal(change.Entry.Key); refusal != nil {
			refused = append(refused, *refusal)
		} else {
			t.held[key] = t.see(&change.Entry)
		}
	}
	if t.breaksOff != absent {
		return nil, errLost
	}
	return refused, nil
}

func (t *tool) replace(all iter.Seq2[indicator.Entry, error]) ([]outputs.Refusal, error) {
	held := map[string]shown{}
	var refused []outputs.Refusal
	for e, err := range all {
		if err != nil {
			return nil, err
		}
		if refusal := t.refusal(e.Key); refusal != nil {
			refused = append(refused, *refusal)
		} else {
			held[e.Key.String()] = t.see(&e)
		}
	}
	t.held = held
	if t.breaksOff != absent {
		return nil, errLost
	}
	return refused, nil
}

func (t *tool) refusal(k indicator.Key) *outputs.Refusal {
	switch key := k.String(); {
	case key == t.never:
		return &outputs.Refusal{Key: k, Reason: "never", Final: true}
	case t.refuses != "" && strings.HasPrefix(key, t.refuses):
		return &outputs.Refusal{Key: k, Reason: "not now"}
	}
	return nil
}

// see notes everything that a tool is shown.
func (t *tool) see(e *indicator.Entry) shown {
	until, _ := e.ValidUntil()
	s := shown{
		Confidence: int(e.Confidence()), TLP: e.TLP().String(), Direction: e.Direction().String(), Scope: e.Scope().String(),
		Types: typesOf(e), From: e.ValidFrom(), Until: until, Version: e.Version(),
		Sources: e.Sources(), Objects: e.ObjectIDs(), Names: e.Names(), Labels: e.Labels(), Threats: e.Threats(),
	}
	if t.takes == keys {
		// What was read to choose the entries is not shown, names of threats and
		// their markings among it.
		s.level = levelOf(e)
		return s.keysOnly()
	}
	for i := range e.Assertions {
		s.Said = append(s.Said, said(&e.Assertions[i]))
	}
	s.Said = set(s.Said)
	return s
}

// levelOf is the strictest level of what is said, without that of names.
func levelOf(e *indicator.Entry) string {
	strictest := indicator.TLPUnmarked
	for i := range e.Assertions {
		strictest = max(strictest, e.Assertions[i].TLP)
	}
	return strictest.String()
}

// typesOf reads the set of types as words.
func typesOf(e *indicator.Entry) []string {
	var words []string
	for i := range e.Assertions {
		words = append(words, typeWords(e.Assertions[i].Types)...)
	}
	return set(words)
}

func typeWords(types indicator.TypeSet) []string {
	var words []string
	for _, word := range typeVocabulary {
		if types.Has(indicator.TypesOf([]string{word})) {
			words = append(words, word)
		}
	}
	return set(words)
}

// said tells of an assertion in a line, as the model tells of a claim.
func said(a *indicator.Assertion) string {
	until := "-"
	if !a.ValidUntil.IsZero() {
		until = clock(a.ValidUntil)
	}
	return fmt.Sprintf("%s %s of %s, %s to %s (%s), confidence %d, %s, %s, %s, %v", a.Source, a.Object.ID, clock(a.Version),
		clock(a.ValidFrom), until, a.End, a.Confidence, a.TLP, a.Direction, a.Scope, typeWords(a.Types))
}
