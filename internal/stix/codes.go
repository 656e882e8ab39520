package stix

import "github.com/indicatord/indicatord/internal/indicator"

// The codes of what is wrong with an object. [Codes] says in a sentence what
// each one means. A [Reject] may also have a code of package pattern or
// indicator.
const (
	CodeInvalidJSON      indicator.Code = "invalid-json"
	CodeNoID             indicator.Code = "missing-id"
	CodeNoType           indicator.Code = "missing-type"
	CodeNoPattern        indicator.Code = "missing-pattern"
	CodeNotSTIXPattern   indicator.Code = "not-stix-pattern"
	CodeWrongType        indicator.Code = "wrong-type"
	CodeBadTimestamp     indicator.Code = "bad-timestamp"
	CodeValidityReversed indicator.Code = "validity-reversed"
	CodeBadConfidence    indicator.Code = "bad-confidence"
)

// Codes returns every code of this package, in the order of the documentation.
func Codes() []indicator.CodeInfo {
	return []indicator.CodeInfo{
		{Code: CodeInvalidJSON, Meaning: "The object is not valid JSON, has a member twice, nests deeper than 10,000, or is not valid UTF-8."},
		{Code: CodeNoID, Meaning: "It is not a JSON object with an id, so it cannot be told from others."},
		{Code: CodeNoType, Meaning: "The object does not say of what type it is."},
		{Code: CodeNoPattern, Meaning: "The indicator has no pattern."},
		{Code: CodeNotSTIXPattern, Meaning: "The indicator's pattern is in another language, such as Snort or YARA: no value stands for it, and it is carried whole as a rule."},
		{Code: CodeWrongType, Meaning: "A property has a value of the wrong type, and is left out; of labels and indicator types the words among it count."},
		{Code: CodeBadTimestamp, Meaning: "A timestamp of the indicator cannot be read, so it is not known when it holds."},
		{Code: CodeValidityReversed, Meaning: "The indicator ends (valid_until) no later than it begins (valid_from)."},
		{Code: CodeBadConfidence, Meaning: "The confidence is not a whole number from 0 to 100, and counts as unstated."},
	}
}
