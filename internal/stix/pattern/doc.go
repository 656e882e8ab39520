// Package pattern reads the STIX pattern language (STIX 2.1, section 9) and
// says which single values stand for a whole pattern.
//
// [Parse] accepts the language of the OASIS grammar: every comparison operator,
// observation operator, qualifier, literal and comment. Producers write a few
// spellings that the grammar or the vocabulary refuses; those it understands
// are named in [Pattern.Leniencies], and [Options.Refuse] turns each of them off.
//
// [Pattern.Reduce] turns a pattern into keys. It is sound: whatever matches an
// [indicator.Exact] key matches the pattern. What cannot be said by a key alone
// is reported with a reason code and never dropped.
package pattern
