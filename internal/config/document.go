package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	// maxSize bounds a configuration file, in bytes. The parser's time grows with
	// the square of a block's keys, so that it is no larger than it has to be.
	maxSize = 256 << 10
	// maxDepth bounds how deep blocks and lists may be nested. The parser calls
	// itself for each level.
	maxDepth = 64
)

// document turns the text of a file into nodes.
type document struct {
	*reporter
	anchors map[string]*node
}

// parseDocument returns the one document of the file, nil where there is none
// that could be read. What is wrong goes to the reporter.
func parseDocument(report *reporter, data []byte) *node {
	d := &document{reporter: report, anchors: map[string]*node{}}
	if !d.readable(data) {
		return nil
	}
	tokens := lexer.Tokenize(string(data))
	if deep := deepest(tokens); deep != nil {
		d.fail(placeOf(deep), fmt.Sprintf("more than %d levels are nested here", maxDepth), "")
		return nil
	}
	file, err := parse(tokens)
	if err != nil {
		d.syntax(err)
		return nil
	}
	return d.only(file)
}

// readable reports whether the bytes are text that is worth parsing.
func (d *document) readable(data []byte) bool {
	if len(data) > maxSize {
		d.fail(position{}, fmt.Sprintf("the file has %d bytes, more than the %d a configuration may have", len(data), maxSize), "")
		return false
	}
	for i, line := range d.source.lines {
		if !utf8.ValidString(line) {
			d.fail(position{i + 1, 1}, "the line is not UTF-8 text", "save the file as UTF-8")
			return false
		}
	}
	return true
}

// trimMark removes the byte order mark that some editors write.
func trimMark(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\ufeff")) }

// deepest returns the first token that nests deeper than maxDepth. Blocks nest
// by indentation, and several of them may begin on one line.
func deepest(tokens token.Tokens) *token.Token {
	flow, begun, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, begun = t.Position.Line, 0
		}
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType, token.TagType, token.AnchorType:
			begun++
		}
		if flow > maxDepth || begun > maxDepth || t.Position.IndentNum > 4*maxDepth {
			return t
		}
	}
	return nil
}

// parse calls the library's parser. A reload must not end the daemon, so a
// defect of the parser on an odd file is an error like any other.
func parse(tokens token.Tokens) (file *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the YAML parser does not understand this file: %v", r)
		}
	}()
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// syntax reports an error of the parser at its place.
func (d *document) syntax(err error) {
	var placed yaml.Error
	if !errors.As(err, &placed) || placed.GetToken() == nil {
		d.fail(position{}, err.Error(), "")
		return
	}
	at := placeOf(placed.GetToken())
	hint := ""
	if at.line <= len(d.source.lines) && strings.Contains(prefix(d.source.lines[at.line-1], at.column), "\t") {
		hint = "indent with spaces: YAML does not allow tabs there"
	}
	d.fail(at, "YAML syntax: "+placed.GetMessage(), hint)
}

// only returns the one document of the file.
func (d *document) only(file *ast.File) *node {
	var root *node
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.DirectiveType {
			continue
		}
		if root != nil {
			d.fail(placeOf(doc.Body.GetToken()), "a second YAML document begins here", "put the whole configuration into one document, without ---")
			break
		}
		root = d.node(doc.Body)
	}
	return root
}

// node converts one node of the parser.
func (d *document) node(n ast.Node) *node {
	switch n := n.(type) {
	case *ast.MappingNode:
		return d.mapping(n)
	case *ast.SequenceNode:
		return d.sequence(n)
	case *ast.AnchorNode:
		made := d.node(n.Value)
		d.anchors[n.Name.GetToken().Value] = made
		return made
	case *ast.AliasNode:
		return d.alias(n)
	case *ast.TagNode:
		d.fail(placeOf(n.Start), fmt.Sprintf("tag %s is not used here", n.Start.Value), "remove the tag")
		return d.node(n.Value)
	case *ast.LiteralNode:
		return &node{kind: scalarNode, at: placeOf(n.Start), text: n.Value.Value, quoted: true}
	case nil, *ast.NullNode:
		return d.null(n)
	}
	t := n.GetToken()
	quoted := t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType
	return &node{kind: scalarNode, at: placeOf(t), text: t.Value, quoted: quoted}
}

func (d *document) null(n ast.Node) *node {
	if n == nil || n.GetToken() == nil {
		return &node{}
	}
	return &node{at: placeOf(n.GetToken())}
}

func (d *document) alias(n *ast.AliasNode) *node {
	name := n.Value.GetToken().Value
	if target, ok := d.anchors[name]; ok {
		return target
	}
	d.fail(placeOf(n.Start), fmt.Sprintf("no anchor &%s stands before this alias", name), "")
	return &node{at: placeOf(n.Start), broken: true}
}

func (d *document) sequence(n *ast.SequenceNode) *node {
	made := &node{kind: sequenceNode, at: placeOf(n.Start)}
	for _, value := range n.Values {
		made.items = append(made.items, d.node(value))
	}
	return made
}

func (d *document) mapping(n *ast.MappingNode) *node {
	made := &node{kind: mappingNode, at: placeOf(n.Start)}
	if !n.IsFlowStyle && len(n.Values) > 0 {
		made.at = placeOf(n.Values[0].Key.GetToken())
	}
	lines := map[string]int{}
	for _, pair := range n.Values {
		key := pair.Key.GetToken()
		switch pair.Key.(type) {
		case *ast.MergeKeyNode:
			d.fail(placeOf(key), "merge keys (<<) are not used here", "write the keys out, or use an alias for the whole block")
			continue
		case *ast.MappingKeyNode:
			d.fail(placeOf(key), "keys introduced by ? are not used here", "write KEY: VALUE")
			continue
		}
		e := d.entry(key, pair.Value)
		if first, taken := lines[e.key]; taken {
			d.fail(e.at, fmt.Sprintf("key %q is set a second time", e.key), fmt.Sprintf("the first is in line %d", first))
			continue
		}
		lines[e.key] = e.at.line
		made.keys = append(made.keys, e)
	}
	return made
}

// entry converts a key and its value. A value that is missing stands at its key.
func (d *document) entry(key *token.Token, value ast.Node) entry {
	e := entry{key: key.Value, at: placeOf(key), value: d.node(value)}
	if e.value.kind == nullNode && !e.value.broken {
		e.value.at = e.at
	}
	return e
}

func placeOf(t *token.Token) position {
	return position{line: t.Position.Line, column: max(1, t.Position.Column)}
}
