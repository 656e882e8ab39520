package gbt36643

import "github.com/indicatord/indicatord/internal/indicator"

// The codes of what gives no value in a record. [Codes] says in a sentence what
// each one means. A record may also be rejected with a code of package stix,
// pattern or indicator.
const (
	CodeUnknownRecord        indicator.Code = "unknown-record"
	CodeUnknownList          indicator.Code = "unknown-list"
	CodeUnknownKey           indicator.Code = "unknown-key"
	CodeUnknownWord          indicator.Code = "unknown-word"
	CodeMissingObservable    indicator.Code = "missing-observable"
	CodeUnresolvedObservable indicator.Code = "unresolved-observable"
	CodeMissingValue         indicator.Code = "missing-value"
	CodeUnknownValueType     indicator.Code = "unknown-value-type"
	CodeOtherRelationship    indicator.Code = "other-relationship"
	CodeUnknownRelationship  indicator.Code = "unknown-relationship"
	CodeOtherConstraint      indicator.Code = "other-constraint"
	CodeUnknownConstraint    indicator.Code = "unknown-constraint"
	CodeMissingJudgment      indicator.Code = "missing-judgment"
)

// Codes returns every code of this package, in the order of the documentation.
func Codes() []indicator.CodeInfo {
	return []indicator.CodeInfo{
		{Code: CodeUnknownRecord, Meaning: "The record is of no sort that the mapping knows, neither by its list nor by how its id begins."},
		{Code: CodeUnknownList, Meaning: "A member around the records is no list that the mapping knows, and nothing in it was read."},
		{Code: CodeUnknownKey, Meaning: "The mapping does not know a key of a value, or is strict and does not know one of the record."},
		{Code: CodeUnknownWord, Meaning: "The mapping is strict, and does not know a word of the record."},
		{Code: CodeMissingObservable, Meaning: "The indicator names neither an observable nor values of its own."},
		{Code: CodeUnresolvedObservable, Meaning: "The indicator names an observable that is not in the file, or that only refers to others in a circle."},
		{Code: CodeMissingValue, Meaning: "The observable, or a part of it, holds no value."},
		{Code: CodeUnknownValueType, Meaning: "The mapping does not know a value of this type."},
		{Code: CodeOtherRelationship, Meaning: "The values count together or in another way that is not OR, and none of them stands alone."},
		{Code: CodeUnknownRelationship, Meaning: "It is not said, or not in a known word, how the values belong together."},
		{Code: CodeOtherConstraint, Meaning: "The value is compared in another way than for equality."},
		{Code: CodeUnknownConstraint, Meaning: "It is not said, or not in a known word, how the value is compared."},
		{Code: CodeMissingJudgment, Meaning: "Nothing in the record says in a known word whether the value is malicious or benign."},
	}
}
