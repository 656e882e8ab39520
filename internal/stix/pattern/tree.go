package pattern

// Pattern is a pattern that was read. It never changes, and any number of
// goroutines may use it at once.
type Pattern struct {
	// Leniencies are the spellings that were understood although the language
	// refuses them.
	Leniencies Leniencies

	text string
	root node
}

// operation is what a node of the tree does with the nodes below it.
type operation uint8

const (
	opTest        operation = iota // a comparison, at the bottom
	opObservation                  // the brackets: one comparison expression below
	opAnd
	opOr
	opFollowedBy
)

// node is an expression. AND and OR occur inside observations and between them;
// they hold all their operands at once, so that a chain of thousands is wide
// and not deep.
type node struct {
	op         operation
	operands   []node
	test       *test
	qualifiers *qualifiers
	start, end int // the bytes of the text
}

// relation is how a comparison relates a property and a constant.
type relation uint8

const (
	relEqual relation = iota
	relNotEqual
	relLess
	relLessEqual
	relGreater
	relGreaterEqual
	relIn
	relLike
	relMatches
	relIsSubset
	relIsSuperset
	relExists
)

var relationText = [...]string{
	"=", "!=", "<", "<=", ">", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET", "EXISTS",
}

// test compares the property at a path with a constant, or for IN with a set.
type test struct {
	path     path
	relation relation
	negated  bool
	value    literal
	set      []literal
}

// literals returns the constants that one of which the property must have.
func (t *test) literals() []literal {
	if t.relation == relIn {
		return t.set
	}
	return []literal{t.value}
}

// selects reports whether the test says what the property is, not what it is
// not: the only kind of test a key can stand for.
func (t *test) selects() bool {
	return !t.negated && (t.relation == relEqual || t.relation == relIn)
}

// path is an object path: the type of the object and the way to a property.
type path struct {
	object string
	steps  []step
}

// step is a property, or an index into a list: a number or "*".
type step struct {
	name  string
	index bool
}

// qualifiers bound the observations of an expression in time and number. An
// empty text is a qualifier that is not there.
type qualifiers struct {
	within      string // seconds
	repeats     string
	start, stop literal
}
