package pattern

import "strings"

// qualified reads an observation and the qualifiers that bind to it.
func (p *parser) qualified() (node, error) {
	n, err := p.observation()
	for err == nil && isQualifier(p.tok.kind) {
		if n.qualifiers == nil {
			n.qualifiers = &qualifiers{}
		}
		err = p.qualifier(n.qualifiers)
		n.end = p.prevEnd
	}
	return n, err
}

func isQualifier(kind tokenKind) bool {
	return kind == tokenWithin || kind == tokenRepeats || kind == tokenStart
}

func (p *parser) qualifier(q *qualifiers) error {
	switch p.tok.kind {
	case tokenWithin:
		return p.within(q)
	case tokenRepeats:
		return p.repeats(q)
	}
	return p.startStop(q)
}

// within reads WITHIN number SECONDS.
func (p *parser) within(q *qualifiers) error {
	if q.within != "" {
		return p.duplicate()
	}
	if err := p.advance(); err != nil {
		return err
	}
	if p.tok.kind != tokenInteger && p.tok.kind != tokenFloat || !isPositive(p.tok.text) {
		return p.expected("a positive number of seconds")
	}
	q.within = p.tok.text
	if err := p.advance(); err != nil {
		return err
	}
	_, err := p.expect(tokenSeconds, "SECONDS, the only unit")
	return err
}

// repeats reads REPEATS integer TIMES.
func (p *parser) repeats(q *qualifiers) error {
	if q.repeats != "" {
		return p.duplicate()
	}
	if err := p.advance(); err != nil {
		return err
	}
	if p.tok.kind != tokenInteger || !isPositive(p.tok.text) {
		return p.expected("a positive integer")
	}
	q.repeats = strings.TrimPrefix(p.tok.text, "+")
	if err := p.advance(); err != nil {
		return err
	}
	_, err := p.expect(tokenTimes, "TIMES")
	return err
}

// startStop reads START timestamp STOP timestamp.
func (p *parser) startStop(q *qualifiers) error {
	if q.start.text != "" {
		return p.duplicate()
	}
	start := p.tok.start
	if err := p.advance(); err != nil {
		return err
	}
	var err error
	if q.start, err = p.timestamp(); err != nil {
		return err
	}
	if _, err := p.expect(tokenStop, "STOP"); err != nil {
		return err
	}
	if q.stop, err = p.timestamp(); err != nil {
		return err
	}
	if !earlier(q.start.text, q.stop.text) {
		return syntaxf(start, "START must be earlier than STOP")
	}
	return nil
}

// timestamp reads t'…', or with the language of STIX 2.0 the same without t.
func (p *parser) timestamp() (literal, error) {
	t := p.tok
	if t.kind != tokenTimestamp && (!p.opts.STIX20 || t.kind != tokenString || !isTimestamp(t.text)) {
		return literal{}, p.expected("a timestamp, such as t'2026-01-31T12:30:00Z'")
	}
	return literal{kind: literalTimestamp, text: t.text}, p.advance()
}

func (p *parser) duplicate() error {
	return syntaxf(p.tok.start, "a second %s for the same observations", p.tok.text)
}

// isPositive reports whether the text of a number is that of a number above 0.
func isPositive(number string) bool {
	return number[0] != '-' && strings.ContainsAny(number, "123456789")
}

// earlier reports whether timestamp a is before b. The form makes the order of
// instants that of the texts, but for needless zeros at the end of a fraction.
func earlier(a, b string) bool {
	trim := func(s string) string {
		s = strings.TrimSuffix(s, "Z")
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		return s
	}
	return trim(a) < trim(b)
}
