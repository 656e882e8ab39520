package config

import (
	"strconv"
	"strings"
)

// nodeKind is the shape of a node.
type nodeKind uint8

const (
	nullNode nodeKind = iota
	scalarNode
	sequenceNode
	mappingNode
)

func (k nodeKind) String() string {
	return [...]string{"nothing", "a single value", "a list", "a block of keys"}[k]
}

// node is a value of the file: what YAML makes of it before anything is known of
// its type. An aliased node has several parents.
type node struct {
	kind nodeKind
	at   position
	// text is what a scalar says, and quoted whether it stood in quotes.
	text   string
	quoted bool
	items  []*node
	keys   []entry
	// spoiled names the keys and indexes that have been complained of already, so
	// that nothing is said of them twice.
	spoiled map[string]bool
	// broken marks a value that was complained of as a whole.
	broken bool
}

// entry is one key of a mapping.
type entry struct {
	key   string
	at    position
	value *node
}

// get returns the value of a key, nil if the mapping has no such key.
func (n *node) get(key string) *node {
	for _, e := range n.keys {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

func (n *node) spoil(key string) {
	if n.spoiled == nil {
		n.spoiled = map[string]bool{}
	}
	n.spoiled[key] = true
}

// spoilBy spoils the key or index of a value that could not be decoded, unless
// it was only in part.
func (n *node) spoilBy(key string, value *node) {
	if len(value.spoiled) == 0 {
		n.spoil(key)
	}
}

// walk follows a path of keys and indexes, such as "auth.basic" or "urls[2]", as
// far as it goes, and returns the place it comes to. It returns false where that
// has been complained of already: as a whole, or, at the end of the path, in
// part. What is said of a whole may only follow from what is wrong with a part.
func (n *node) walk(path string) (position, bool) {
	for step := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		if n.spoiled[step] {
			return n.at, false
		}
		next := n.child(step)
		if next == nil {
			return n.at, true
		}
		n = next
	}
	return n.at, len(n.spoiled) == 0
}

// child is the value of a key, or the item with that index.
func (n *node) child(step string) *node {
	if n.kind != sequenceNode {
		return n.get(step)
	}
	if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.items) {
		return n.items[i]
	}
	return nil
}

// scalars tells of the node and those below it whether they are scalars, once
// each however many aliases lead to it.
func (n *node) scalars(found map[*node]bool) {
	if _, seen := found[n]; seen {
		return
	}
	found[n] = n.kind == scalarNode
	for _, item := range n.items {
		item.scalars(found)
	}
	for _, e := range n.keys {
		e.value.scalars(found)
	}
}
