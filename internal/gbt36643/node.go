package gbt36643

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// node is a JSON value. The kind of one that is not there is 0.
type node struct {
	kind jsontext.Kind
	// text is what a string says, and how another scalar is written.
	text     string
	members  []member
	elements []node
}

type member struct {
	name  string
	value node
}

// parseNode reads a whole JSON value, strictly: no name twice, and valid UTF-8.
func parseNode(raw []byte) (node, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(raw))
	return readNode(d)
}

// readNode reads the next value. The decoder bounds how deep it recurses.
func readNode(d *jsontext.Decoder) (node, error) {
	token, err := d.ReadToken()
	if err != nil {
		return node{}, err
	}
	n := node{kind: token.Kind()}
	switch n.kind {
	case '{':
		err = n.readMembers(d)
	case '[':
		err = n.readElements(d)
	default:
		n.text = token.String()
	}
	return n, err
}

func (n *node) readMembers(d *jsontext.Decoder) error {
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		key := name.String() // the token is void after the next
		value, err := readNode(d)
		if err != nil {
			return err
		}
		n.members = append(n.members, member{key, value})
	}
	_, err := d.ReadToken()
	return err
}

func (n *node) readElements(d *jsontext.Decoder) error {
	for d.PeekKind() != ']' {
		value, err := readNode(d)
		if err != nil {
			return err
		}
		n.elements = append(n.elements, value)
	}
	_, err := d.ReadToken()
	return err
}

// present reports whether there is a value, which null and an empty string are
// not.
func (n *node) present() bool {
	return n.kind != 0 && n.kind != 'n' && (n.kind != '"' || n.text != "")
}

// scalar reports whether the value is a string or a number.
func (n *node) scalar() bool { return n.kind == '"' || n.kind == '0' }

// list returns the elements of a list, or the value itself as the only one.
func (n *node) list() []node {
	switch {
	case n.kind == '[':
		return n.elements
	case n.present():
		return []node{*n}
	}
	return nil
}

// member returns the member of that name. Where the mapping is loose, a member
// whose name differs in letter case or stray blanks does too.
func (n *node) member(name string, loose bool) node {
	at := slices.IndexFunc(n.members, func(m member) bool { return m.name == name })
	if at < 0 && loose {
		folded := fold(name)
		at = slices.IndexFunc(n.members, func(m member) bool { return fold(m.name) == folded })
	}
	if at < 0 {
		return node{}
	}
	return n.members[at].value
}

// find returns the first value that is present under one of the paths, an empty
// node where none is.
func (n *node) find(paths []string, loose bool) node {
	for _, path := range paths {
		found := *n
		for step := range strings.SplitSeq(path, ".") {
			found = found.member(step, loose)
		}
		if found.present() {
			return found
		}
	}
	return node{}
}
