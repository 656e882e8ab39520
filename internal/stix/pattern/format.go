package pattern

import "strings"

// String writes the pattern in one normal form: single spaces, standard names,
// parentheses only where they matter. Parsing it gives the same pattern.
func (p *Pattern) String() string {
	var b strings.Builder
	p.root.write(&b)
	return b.String()
}

// loose is how loosely each operation binds: an operand that binds more loosely
// than its expression, or as loosely where order matters, takes parentheses.
var loose = [...]int{opTest: 0, opObservation: 0, opAnd: 1, opOr: 2, opFollowedBy: 3}

var separators = [...]string{opAnd: " AND ", opOr: " OR ", opFollowedBy: " FOLLOWEDBY "}

func (n *node) write(b *strings.Builder) {
	bare := n.qualifiers == nil || n.op == opObservation
	if !bare {
		b.WriteByte('(')
	}
	switch n.op {
	case opTest:
		n.test.write(b)
	case opObservation:
		b.WriteByte('[')
		n.operands[0].write(b)
		b.WriteByte(']')
	default:
		n.writeOperands(b)
	}
	if !bare {
		b.WriteByte(')')
	}
	n.qualifiers.write(b)
}

func (n *node) writeOperands(b *strings.Builder) {
	for i := range n.operands {
		if i > 0 {
			b.WriteString(separators[n.op])
		}
		operand := &n.operands[i]
		if operand.qualifiers == nil && loose[operand.op] >= loose[n.op] {
			b.WriteByte('(')
			operand.write(b)
			b.WriteByte(')')
			continue
		}
		operand.write(b)
	}
}

func (t *test) write(b *strings.Builder) {
	if t.relation == relExists {
		if t.negated {
			b.WriteString("NOT ")
		}
		b.WriteString("EXISTS ")
		t.path.write(b)
		return
	}
	t.path.write(b)
	if t.negated {
		b.WriteString(" NOT")
	}
	b.WriteString(" " + relationText[t.relation] + " ")
	if t.relation != relIn {
		b.WriteString(t.value.String())
		return
	}
	b.WriteByte('(')
	for i, value := range t.set {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(value.String())
	}
	b.WriteByte(')')
}

// String writes the path as the language does, which quotes a property name
// only where it must.
func (p *path) String() string {
	var b strings.Builder
	p.write(&b)
	return b.String()
}

func (p *path) write(b *strings.Builder) {
	b.WriteString(p.object)
	b.WriteByte(':')
	for i, s := range p.steps {
		switch {
		case s.index:
			b.WriteString("[" + s.name + "]")
			continue
		case i > 0:
			b.WriteByte('.')
		}
		if isBareName(s.name) {
			b.WriteString(s.name)
		} else {
			b.WriteString(quote(s.name))
		}
	}
}

func isBareName(name string) bool {
	_, keyword := keywords[name]
	return name != "" && !keyword && isLetter(name[0]) &&
		every(name, func(c byte) bool { return isNameByte(c) && c != '-' })
}

func (q *qualifiers) write(b *strings.Builder) {
	if q == nil {
		return
	}
	if q.start.text != "" {
		b.WriteString(" START " + q.start.String() + " STOP " + q.stop.String())
	}
	if q.within != "" {
		b.WriteString(" WITHIN " + q.within + " SECONDS")
	}
	if q.repeats != "" {
		b.WriteString(" REPEATS " + q.repeats + " TIMES")
	}
}
