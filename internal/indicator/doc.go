// Package indicator is the model of indicatord: what a threat indicator is about
// (a [Key]), what a hub says of it (an [Assertion]), and what is known of it
// here (an [Entry]). It also holds the canonical forms: [Canon] is the one door
// through which a value becomes a key.
package indicator
