package pattern

// path reads an object path, such as file:hashes.'SHA-256' or
// network-traffic:dst_ref.value.
func (p *parser) path(to *path) error {
	if p.tok.kind != tokenName && p.tok.kind != tokenHyphenName {
		return p.expected("an object path, such as ipv4-addr:value")
	}
	to.object = p.tok.text
	if err := p.advance(); err != nil {
		return err
	}
	if _, err := p.expect(tokenColon, "':' after the type of the object"); err != nil {
		return err
	}
	to.steps = make([]step, 0, 2)
	if err := p.property(to); err != nil {
		return err
	}
	for {
		switch p.tok.kind {
		case tokenDot:
			if err := p.advance(); err != nil {
				return err
			}
			if err := p.property(to); err != nil {
				return err
			}
		case tokenOpenBracket:
			if err := p.index(to); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// property reads the name of a property: bare, or as a string.
func (p *parser) property(to *path) error {
	name := p.tok.text
	switch p.tok.kind {
	case tokenName:
	case tokenString:
		name = p.tok.unescaped()
	case tokenHyphenName:
		if !to.endsInHashes() || !p.understands(LenientUnquotedHashKey) {
			return syntaxf(p.tok.start, "a property name with a hyphen must be quoted: '%s'", name)
		}
	default:
		return p.expected("a property name")
	}
	if to.endsInHashes() {
		name = p.hashKey(name)
	}
	to.steps = append(to.steps, step{name: name})
	return p.advance()
}

// endsInHashes reports whether the next property is the name of an algorithm.
func (p *path) endsInHashes() bool {
	return len(p.steps) > 0 && p.steps[len(p.steps)-1] == step{name: "hashes"}
}

// hashKey returns the vocabulary's spelling of a hash key.
func (p *parser) hashKey(written string) string {
	standard, leniency := standardHashKey(written)
	if p.opts.STIX20 && written == "ssdeep" || p.understands(leniency) {
		return standard
	}
	return written
}

// understands reports whether the options allow a leniency, and notes that it
// was used.
func (p *parser) understands(l Leniencies) bool {
	if p.opts.Refuse&l != 0 {
		return false
	}
	p.leniencies |= l
	return true
}

// index reads [n] or [*].
func (p *parser) index(to *path) error {
	if err := p.advance(); err != nil {
		return err
	}
	if p.tok.kind != tokenInteger && p.tok.kind != tokenAsterisk {
		return p.expected("a list index or '*'")
	}
	to.steps = append(to.steps, step{name: p.tok.text, index: true})
	if err := p.advance(); err != nil {
		return err
	}
	_, err := p.expect(tokenCloseBracket, "']' after the list index")
	return err
}
