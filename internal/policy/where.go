package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"github.com/indicatord/indicatord/internal/indicator"
)

// maxWhere bounds the nodes of an expression, and so what it costs: the language
// has no loops but those over the words of one entry.
const maxWhere = 500

// Where is a condition on entries, written in the language of expr-lang. It sees
// what the output may see of the entry, and no clock. The zero value is met by
// every entry. It may be used by any number of goroutines at once.
type Where struct {
	text    string
	program *vm.Program
	words   bool // it asks for what only an object's text says
}

// entryFacts is what an expression can name. The tags are part of the
// configuration's language, and docs/operating.md lists them.
type entryFacts struct {
	Kind       string   `expr:"kind"`
	Value      string   `expr:"value"`
	Confidence int      `expr:"confidence"` // -1 where unstated
	TLP        string   `expr:"tlp"`
	Direction  string   `expr:"direction"`
	Scope      string   `expr:"scope"`
	Exactness  string   `expr:"exactness"`
	Sources    []string `expr:"sources"`
	Types      []string `expr:"types"`
	Labels     []string `expr:"labels"`
	Names      []string `expr:"names"`
	Threats    []string `expr:"threats"`
	Objects    []string `expr:"objects"`
}

// wordFacts are those that need the texts of objects.
var wordFacts = map[string]bool{"types": true, "labels": true, "names": true, "threats": true, "objects": true}

// ParseWhere compiles an expression. The error says in which line and column of
// it what is wrong.
func ParseWhere(text string) (Where, error) {
	if strings.TrimSpace(text) == "" {
		return Where{}, nil
	}
	program, err := expr.Compile(text, expr.Env(entryFacts{}), expr.AsBool(), expr.MaxNodes(maxWhere), expr.DisableBuiltin("now"),
		expr.DisableBuiltin("date"), expr.DisableBuiltin("repeat"))
	if err != nil {
		return Where{}, placedError(err)
	}
	tree, err := parser.Parse(text)
	if err != nil {
		return Where{}, placedError(err)
	}
	asked := &askedWords{}
	ast.Walk(&tree.Node, asked)
	return Where{text: text, program: program, words: asked.found}, nil
}

// placedError keeps the sentence and the place of an error, and leaves out the
// drawing below it.
func placedError(err error) error {
	placed, ok := errors.AsType[*file.Error](err)
	if !ok {
		return fmt.Errorf("the expression cannot be read: %w", err)
	}
	if placed.Line > 1 {
		return fmt.Errorf("line %d, column %d of the expression: %s", placed.Line, placed.Column+1, placed.Message)
	}
	return fmt.Errorf("column %d of the expression: %s", placed.Column+1, placed.Message)
}

// askedWords looks for names of facts that need texts.
type askedWords struct{ found bool }

// Visit implements [ast.Visitor].
func (a *askedWords) Visit(node *ast.Node) {
	if name, ok := (*node).(*ast.IdentifierNode); ok && wordFacts[name.Value] {
		a.found = true
	}
}

// Equal reports whether two conditions are written alike.
func (w Where) Equal(other Where) bool { return w.text == other.text }

// UnmarshalText reads an expression.
func (w *Where) UnmarshalText(text []byte) error {
	parsed, err := ParseWhere(string(text))
	*w = parsed
	return err
}

// MarshalText writes the expression.
func (w Where) MarshalText() ([]byte, error) { return []byte(w.text), nil }

// holds reports whether a view of an entry meets the condition. An expression
// that fails on an entry, because it asks for the first of no labels, does not.
func (w *Where) holds(view *indicator.Entry) bool {
	if w.program == nil {
		return true
	}
	result, err := expr.Run(w.program, w.facts(view))
	met, _ := result.(bool)
	return err == nil && met
}

// strictest is the level of the assertions: that of the names they come with is
// known only where texts are read.
func strictest(view *indicator.Entry) indicator.TLP {
	level := indicator.TLPUnmarked
	for i := range view.Assertions {
		level = max(level, view.Assertions[i].TLP)
	}
	return level
}

func (w *Where) facts(view *indicator.Entry) entryFacts {
	facts := entryFacts{
		Kind: view.Key.Kind.String(), Value: view.Key.Value, Confidence: int(view.Confidence()), TLP: strictest(view).String(),
		Direction: view.Direction().String(), Scope: view.Scope().String(), Exactness: view.Exactness().String(), Sources: view.Sources(),
	}
	if w.words {
		facts.Types, facts.Labels, facts.Names = view.IndicatorTypes(), view.Labels(), view.Names()
		facts.Threats, facts.Objects = view.Threats(), view.ObjectIDs()
	}
	return facts
}
