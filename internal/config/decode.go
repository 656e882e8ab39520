package config

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/secret"
)

// maxNodes bounds how many nodes are decoded. Aliases of aliases would let a
// small file stand for a huge one.
const maxNodes = 100_000

// decoder fills Go values from nodes, strictly: a key that the type does not
// have, or a value of another type, is a problem, and decoding goes on with the
// rest.
type decoder struct {
	*reporter
	secrets []placedSecret
	nodes   int
}

// placedSecret is a place of a secret and where the file names it.
type placedSecret struct {
	ref secret.Ref
	at  position
}

// callback is the interface of a type that tries several forms: it calls
// unmarshal with pointers to what the value could be.
type callback interface {
	UnmarshalYAML(unmarshal func(any) error) error
}

// validator is the interface of a type that knows more of its values than their
// shapes.
type validator interface{ Validate() error }

var (
	nodeType     = reflect.TypeFor[*node]()
	refType      = reflect.TypeFor[secret.Ref]()
	durationType = reflect.TypeFor[time.Duration]()
	kindType     = reflect.TypeFor[indicator.Kind]()
)

// into sets what target points to from n.
func (d *decoder) into(n *node, target any) {
	d.decode(n, reflect.ValueOf(target).Elem())
	if d.nodes > maxNodes {
		d.fail(position{}, fmt.Sprintf("the configuration has more than %d values", maxNodes), "use fewer aliases")
	}
}

// decode sets v from n. It reports whether nothing was wrong.
func (d *decoder) decode(n *node, v reflect.Value) bool {
	before := len(d.found)
	d.nodes++
	switch {
	case n.broken || d.nodes > maxNodes:
		return false
	case v.Type() == nodeType:
		v.Set(reflect.ValueOf(n))
	case v.Kind() == reflect.Pointer:
		d.pointer(n, v)
	case v.Type() == refType:
		d.secret(n, v.Addr().Interface().(*secret.Ref))
	default:
		d.value(n, v)
	}
	return len(d.found) == before
}

func (d *decoder) pointer(n *node, v reflect.Value) {
	if n.kind == nullNode && v.Type().Elem() != refType {
		return
	}
	if v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
	}
	d.decode(n, v.Elem())
}

// value sets v, whose type is not special to the configuration as a whole.
func (d *decoder) value(n *node, v reflect.Value) {
	switch target := v.Addr().Interface().(type) {
	case callback:
		d.callback(n, target)
		return
	case encoding.TextUnmarshaler:
		if text, ok := d.text(n); ok {
			d.check(n, explain(v.Type(), text, target.UnmarshalText([]byte(text))))
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v)
	case reflect.Slice:
		d.slice(n, v)
	case reflect.Map:
		d.mapping(n, v)
	default:
		if text, ok := d.text(n); ok {
			d.check(n, setScalar(v, text, n.quoted))
		}
	}
}

// text returns what a scalar says.
func (d *decoder) text(n *node) (string, bool) {
	if n.kind == nullNode {
		d.fail(n.at, "the value is missing", "write a value, or remove the key")
		return "", false
	}
	return n.text, d.wants(n, scalarNode)
}

// wants reports whether n has the shape that its place needs. What stands at the
// wrong place may be a secret.
func (d *decoder) wants(n *node, kind nodeKind) bool {
	if n.kind == kind {
		return true
	}
	hint := ""
	if kind == sequenceNode && n.kind == scalarNode {
		hint = "put it in brackets: [VALUE]"
	}
	if kind != sequenceNode || n.kind != scalarNode {
		d.hideValues(n)
	}
	d.fail(n.at, fmt.Sprintf("this is %s; what belongs here is %s", n.kind, kind), hint)
	return false
}

func (d *decoder) hideValues(n *node) {
	found := map[*node]bool{}
	n.scalars(found)
	for below, scalar := range found {
		if scalar {
			d.source.hide(below.at)
		}
	}
}

// explain adds to the error for a word the words that are known, where the type
// itself does not list them.
func explain(t reflect.Type, word string, err error) error {
	if err == nil || t != kindType {
		return err
	}
	var names []string
	for _, kind := range indicator.Kinds() {
		names = append(names, kind.String())
	}
	return hinted{fmt.Errorf("%w: want one of %s", err, strings.Join(names, ", ")), suggest(word, names)}
}

func (d *decoder) check(n *node, err error) {
	if err != nil {
		d.fail(n.at, err.Error(), hintOf(err))
	}
}

// callback lets the type choose the form. What was wrong with forms that it gave
// up is forgotten.
func (d *decoder) callback(n *node, target callback) {
	hidden := maps.Clone(d.source.hidden)
	err := target.UnmarshalYAML(func(form any) error {
		trial := &decoder{reporter: &reporter{source: d.source}, nodes: d.nodes}
		ok := trial.decode(n, reflect.ValueOf(form))
		d.nodes = trial.nodes
		if !ok {
			return trial.found
		}
		d.secrets = append(d.secrets, trial.secrets...)
		return nil
	})
	var found Diagnostics
	switch {
	case err == nil:
		d.source.hidden = hidden
	case errors.As(err, &found):
		d.found = append(d.found, found...)
	default:
		d.invalid(n, err)
	}
}

func (d *decoder) slice(n *node, v reflect.Value) {
	if v.Type().Elem() == refType && n.kind == scalarNode {
		d.inline(n)
		return
	}
	if n.kind == nullNode || !d.wants(n, sequenceNode) {
		return
	}
	items := reflect.MakeSlice(v.Type(), len(n.items), len(n.items))
	for i, item := range n.items {
		if !d.decode(item, items.Index(i)) {
			n.spoilBy(strconv.Itoa(i), item)
		}
	}
	v.Set(items)
}

func (d *decoder) mapping(n *node, v reflect.Value) {
	if n.kind == nullNode || !d.wants(n, mappingNode) {
		return
	}
	made := reflect.MakeMap(v.Type())
	for _, e := range n.keys {
		key := reflect.New(v.Type().Key()).Elem()
		value := reflect.New(v.Type().Elem()).Elem()
		name := &node{kind: scalarNode, at: e.at, text: e.key}
		keyed, valued := d.decode(name, key), d.decode(e.value, value)
		if keyed && valued {
			made.SetMapIndex(key, value)
		} else {
			n.spoil(e.key)
		}
	}
	v.Set(made)
}

// structure sets the fields of a struct, then lets it validate itself.
func (d *decoder) structure(n *node, v reflect.Value) {
	if n.kind != nullNode && !d.wants(n, mappingNode) {
		return
	}
	fields := fieldsOf(v)
	for _, e := range n.keys {
		field, known := fields.byName[e.key]
		if !known {
			d.unknown(n, e, fields)
		} else if !d.decode(e.value, field) {
			n.spoilBy(e.key, e.value)
		}
	}
	for _, part := range fields.structs {
		if target, ok := reflect.TypeAssert[validator](part.Addr()); ok {
			d.invalid(n, target.Validate())
		}
	}
}

// unknown reports a key that its block does not have. The key that was probably
// meant is rather one that is not there; that one is not complained of as
// missing.
func (d *decoder) unknown(n *node, e entry, fields *fieldSet) {
	message := fmt.Sprintf("unknown key %q", e.key)
	absent := slices.DeleteFunc(slices.Clone(fields.names), func(name string) bool { return n.get(name) != nil })
	meant := cmp.Or(closest(e.key, absent), closest(e.key, fields.names))
	if meant == "" {
		d.hideValues(e.value)
		d.fail(e.at, message, "the keys known here are "+strings.Join(fields.names, ", "))
		return
	}
	if !isPlain(fields.byName[meant]) {
		d.hideValues(e.value)
	}
	if n.get(meant) == nil {
		n.spoil(meant)
	}
	d.fail(e.at, message, didYouMean(meant))
}

// isPlain reports whether v is a single value that is no secret.
func isPlain(v reflect.Value) bool {
	if _, ok := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr()); ok {
		return true
	}
	return v.CanInt() || v.CanUint() || v.CanFloat() || v.Kind() == reflect.String || v.Kind() == reflect.Bool
}

const secretHint = "write {file: PATH}, {credential: NAME} or {env: NAME}"

// secret sets the place of a secret. Whatever else stands there may be the
// secret itself, even where it looks like a key.
func (d *decoder) secret(n *node, ref *secret.Ref) {
	fields := fieldsOf(reflect.ValueOf(ref).Elem())
	for _, e := range n.keys {
		if _, known := fields.byName[e.key]; !known && closest(e.key, fields.names) == "" {
			d.source.hide(e.at)
			d.inline(n)
			return
		}
	}
	switch n.kind {
	case nullNode:
		d.fail(n.at, "the place of the secret is missing", secretHint)
	case mappingNode:
		before := len(d.found)
		d.structure(n, reflect.ValueOf(ref).Elem())
		if len(d.found) == before {
			d.secrets = append(d.secrets, placedSecret{*ref, n.at})
		}
	default:
		d.inline(n)
	}
}

func (d *decoder) inline(n *node) {
	d.hideValues(n)
	d.fail(n.at, "inline secret: the configuration may only say where a secret is", secretHint)
}
