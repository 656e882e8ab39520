package pattern

import "github.com/indicatord/indicatord/internal/indicator"

// The reason codes of what [Pattern.Reduce] leaves over, and of [SyntaxError].
// [Codes] says in a sentence what each one means.
const (
	CodeSyntax            indicator.Code = "syntax-error"
	CodeLimit             indicator.Code = "pattern-too-large"
	CodeNegated           indicator.Code = "negated"
	CodeComparison        indicator.Code = "comparison-operator"
	CodeLike              indicator.Code = "like"
	CodeMatches           indicator.Code = "matches"
	CodeSuperset          indicator.Code = "superset"
	CodeSubset            indicator.Code = "subset"
	CodeExists            indicator.Code = "exists"
	CodeEmptySet          indicator.Code = "empty-set"
	CodeLiteralType       indicator.Code = "literal-type"
	CodeUnknownPath       indicator.Code = "unknown-path"
	CodeCIDREquality      indicator.Code = "cidr-equality"
	CodeExtraConstraint   indicator.Code = "extra-constraint"
	CodeAndOfValues       indicator.Code = "and-of-values"
	CodeWeakHash          indicator.Code = "weak-hash"
	CodeAndOfObservations indicator.Code = "and-of-observations"
	CodeFollowedBy        indicator.Code = "followed-by"
	CodeWithin            indicator.Code = "within"
	CodeRepeats           indicator.Code = "repeats"
	CodeStartStop         indicator.Code = "start-stop"
)

// Codes returns every code of this package, in the order of the documentation.
func Codes() []indicator.CodeInfo {
	return []indicator.CodeInfo{
		{Code: CodeSyntax, Meaning: "The pattern is not in the STIX pattern language, so it matches nothing."},
		{Code: CodeLimit, Meaning: "The pattern is longer, deeper or has more constants than the settings allow."},
		{Code: CodeNegated, Meaning: "The test says what the value is not."},
		{Code: CodeComparison, Meaning: "The test orders values (<, <=, >, >=) instead of naming one."},
		{Code: CodeLike, Meaning: "The test matches a text with wildcards (LIKE)."},
		{Code: CodeMatches, Meaning: "The test matches a text with a regular expression (MATCHES)."},
		{Code: CodeSuperset, Meaning: "The test asks for a network that contains another (ISSUPERSET)."},
		{Code: CodeSubset, Meaning: "The test asks for a member of a network (ISSUBSET) where the property is not an address."},
		{Code: CodeExists, Meaning: "The test only asks whether a property is there (EXISTS)."},
		{Code: CodeEmptySet, Meaning: "The set of the test is empty, so nothing can be in it."},
		{Code: CodeLiteralType, Meaning: "The property is compared with a constant of a type that it cannot have."},
		{Code: CodeUnknownPath, Meaning: "The property says what sort of object it is, not which one."},
		{Code: CodeCIDREquality, Meaning: "A prefix is compared with =, and the settings do not take that for the network."},
		{Code: CodeExtraConstraint, Meaning: "The value counts only together with a further condition, and a key alone would match more than was asked."},
		{Code: CodeAndOfValues, Meaning: "The pattern asks that one object has several values or types at once."},
		{Code: CodeWeakHash, Meaning: "A file is named by several hashes of which the strongest is MD5 or SHA-1."},
		{Code: CodeAndOfObservations, Meaning: "The pattern needs several observations together."},
		{Code: CodeFollowedBy, Meaning: "The pattern needs several observations in an order."},
		{Code: CodeWithin, Meaning: "The pattern bounds the time between observations."},
		{Code: CodeRepeats, Meaning: "The pattern needs an observation more than once."},
		{Code: CodeStartStop, Meaning: "The pattern holds only in a window of time (START … STOP) that cannot be kept with its values."},
	}
}
