package pattern

import "unicode/utf8"

// Parse reads a pattern. The error is a [*SyntaxError].
//
// It takes time and memory in proportion to the text, and recurses only as deep
// as parentheses nest, which the options bound.
func Parse(text string, opts Options) (*Pattern, error) {
	p := parser{scanner: scanner{text: text}, opts: opts.withDefaults()}
	if len(text) > p.opts.MaxBytes {
		return nil, limitf(p.opts.MaxBytes, "the pattern has %d bytes; at most %d are read", len(text), p.opts.MaxBytes)
	}
	if !utf8.ValidString(text) {
		return nil, syntaxf(invalidUTF8At(text), "the pattern is not valid UTF-8")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	root, err := p.expression(levelFollowedBy)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != tokenEnd {
		return nil, p.expected("AND, OR, FOLLOWEDBY, a qualifier or the end of the pattern")
	}
	return &Pattern{Leniencies: p.leniencies, text: text, root: root}, nil
}

func invalidUTF8At(text string) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(text)
}

// parser reads a pattern by recursive descent with one token of look-ahead.
type parser struct {
	scanner
	opts       Options
	tok        token
	prevEnd    int // where the token before tok ended
	depth      int
	terms      int
	leniencies Leniencies
}

func (p *parser) advance() error {
	p.prevEnd = p.tok.end
	var err error
	p.tok, err = p.next()
	return err
}

func (p *parser) expected(what string) error {
	return syntaxf(p.tok.start, "expected %s, found %s", what, p.tok.describe())
}

// expect takes a token of the kind, or fails saying what should stand there.
func (p *parser) expect(kind tokenKind, what string) (token, error) {
	t := p.tok
	if t.kind != kind {
		return t, p.expected(what)
	}
	return t, p.advance()
}

// accept takes a token of the kind if it stands there.
func (p *parser) accept(kind tokenKind) (bool, error) {
	if p.tok.kind != kind {
		return false, nil
	}
	return true, p.advance()
}

// level is a rule of the grammar that reads an expression. Each level but the
// two at the bottom joins expressions of the next one, which binds tighter.
type level uint8

const (
	levelFollowedBy level = iota
	levelObservationOr
	levelObservationAnd
	levelObservation // one observation with its qualifiers
	levelComparisonOr
	levelComparisonAnd
	levelComparison // one test
)

// joints say for each level that joins what it does and which word does it.
var joints = [...]struct {
	op   operation
	word tokenKind
}{
	levelFollowedBy:     {opFollowedBy, tokenFollowedBy},
	levelObservationOr:  {opOr, tokenOr},
	levelObservationAnd: {opAnd, tokenAnd},
	levelComparisonOr:   {opOr, tokenOr},
	levelComparisonAnd:  {opAnd, tokenAnd},
}

// expression reads an expression of the level.
func (p *parser) expression(l level) (node, error) {
	switch l {
	case levelObservation:
		return p.qualified()
	case levelComparison:
		return p.comparison()
	}
	return p.chain(joints[l].op, joints[l].word, l+1)
}

// chain reads operands that a word joins. One operand alone is returned as it
// is.
func (p *parser) chain(op operation, word tokenKind, operand level) (node, error) {
	first, err := p.expression(operand)
	if err != nil || p.tok.kind != word {
		return first, err
	}
	joined := node{op: op, start: first.start}
	joined.operands = appendOperand(nil, op, first)
	for p.tok.kind == word {
		if err := p.advance(); err != nil {
			return node{}, err
		}
		n, err := p.expression(operand)
		if err != nil {
			return node{}, err
		}
		joined.operands = appendOperand(joined.operands, op, n)
		joined.end = n.end
	}
	return joined, nil
}

// appendOperand adds an operand. AND and OR are associative, so an operand of
// the same operation in parentheses gives its own operands; FOLLOWEDBY orders
// groups, and a qualifier binds to its group.
func appendOperand(to []node, op operation, n node) []node {
	if n.op == op && op != opFollowedBy && n.qualifiers == nil {
		return append(to, n.operands...)
	}
	return append(to, n)
}

// group reads an expression in parentheses.
func (p *parser) group(inner level) (node, error) {
	open := p.tok.start
	if p.depth++; p.depth > p.opts.MaxDepth {
		return node{}, limitf(open, "parentheses nest deeper than %d", p.opts.MaxDepth)
	}
	if err := p.advance(); err != nil {
		return node{}, err
	}
	n, err := p.expression(inner)
	if err != nil {
		return node{}, err
	}
	if _, err := p.expect(tokenCloseParen, "AND, OR or ')'"); err != nil {
		return node{}, err
	}
	p.depth--
	n.start, n.end = open, p.prevEnd
	return n, nil
}

// observation reads a comparison expression in brackets, or a group.
func (p *parser) observation() (node, error) {
	if p.tok.kind == tokenOpenParen {
		n, err := p.group(levelFollowedBy)
		if n.qualifiers != nil { // so that those of the group stay apart
			n = node{op: opOr, operands: []node{n}, start: n.start, end: n.end}
		}
		return n, err
	}
	open, err := p.expect(tokenOpenBracket, "'[' or '('")
	if err != nil {
		return node{}, err
	}
	inner, err := p.expression(levelComparisonOr)
	if err != nil {
		return node{}, err
	}
	if _, err := p.expect(tokenCloseBracket, "AND, OR or ']'"); err != nil {
		return node{}, err
	}
	return node{op: opObservation, operands: []node{inner}, start: open.start, end: p.prevEnd}, nil
}
