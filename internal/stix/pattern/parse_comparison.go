package pattern

var relations = map[tokenKind]relation{
	tokenEqual: relEqual, tokenNotEqual: relNotEqual,
	tokenLess: relLess, tokenLessEqual: relLessEqual,
	tokenGreater: relGreater, tokenGreaterEqual: relGreaterEqual,
	tokenIn: relIn, tokenLike: relLike, tokenMatches: relMatches,
	tokenIsSubset: relIsSubset, tokenIsSuperset: relIsSuperset,
}

// comparison reads one test, or a group of them.
func (p *parser) comparison() (node, error) {
	switch p.tok.kind {
	case tokenOpenParen:
		return p.group(levelComparisonOr)
	case tokenExists, tokenNot:
		return p.exists()
	}
	start := p.tok.start
	t := &test{}
	if err := p.path(&t.path); err != nil {
		return node{}, err
	}
	if err := p.relation(t); err != nil {
		return node{}, err
	}
	if err := p.operand(t); err != nil {
		return node{}, err
	}
	return node{op: opTest, test: t, start: start, end: p.prevEnd}, nil
}

// exists reads [NOT] EXISTS path, the one test whose operator comes first.
func (p *parser) exists() (node, error) {
	start := p.tok.start
	t := &test{relation: relExists}
	var err error
	if t.negated, err = p.accept(tokenNot); err != nil {
		return node{}, err
	}
	if _, err := p.expect(tokenExists, "EXISTS, for NOT stands after the object path of any other test"); err != nil {
		return node{}, err
	}
	if err := p.countTerm(); err != nil {
		return node{}, err
	}
	if err := p.path(&t.path); err != nil {
		return node{}, err
	}
	return node{op: opTest, test: t, start: start, end: p.prevEnd}, nil
}

// relation reads [NOT] and the operator of a test.
func (p *parser) relation(t *test) error {
	var err error
	if t.negated, err = p.accept(tokenNot); err != nil {
		return err
	}
	if p.tok.kind == tokenEqual { // nearly always
		return p.advance()
	}
	relation, ok := relations[p.tok.kind]
	if !ok {
		return p.expected("a comparison operator")
	}
	t.relation = relation
	return p.advance()
}

// operand reads what stands to the right of the operator.
func (p *parser) operand(t *test) (err error) {
	switch t.relation {
	case relIn:
		t.set, err = p.set()
		return err
	case relLike, relMatches, relIsSubset, relIsSuperset:
		if p.tok.kind != tokenString {
			return p.expected("a string")
		}
	case relLess, relLessEqual, relGreater, relGreaterEqual:
		if p.tok.kind == tokenTrue || p.tok.kind == tokenFalse {
			return p.expected("a constant that has an order")
		}
	}
	t.value, err = p.constant()
	return err
}

// constant reads one literal.
func (p *parser) constant() (literal, error) {
	value, ok := newLiteral(&p.tok)
	if !ok {
		return value, p.expected("a constant, such as a string in single quotes")
	}
	if err := p.countTerm(); err != nil {
		return value, err
	}
	return value, p.advance()
}

// set reads the constants of IN. The grammar allows none at all.
func (p *parser) set() ([]literal, error) {
	if _, err := p.expect(tokenOpenParen, "'(' and the constants of the set"); err != nil {
		return nil, err
	}
	if empty, err := p.accept(tokenCloseParen); empty || err != nil {
		return nil, err
	}
	var set []literal
	for {
		value, err := p.constant()
		if err != nil {
			return nil, err
		}
		set = append(set, value)
		if more, err := p.accept(tokenComma); err != nil {
			return nil, err
		} else if !more {
			break
		}
	}
	_, err := p.expect(tokenCloseParen, "',' or ')'")
	return set, err
}

func (p *parser) countTerm() error {
	if p.terms++; p.terms > p.opts.MaxTerms {
		return limitf(p.tok.start, "the pattern compares with more than %d constants", p.opts.MaxTerms)
	}
	return nil
}
