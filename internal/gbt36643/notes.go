package gbt36643

import "slices"

// What a note may say.
const (
	noteLetterCase  = "letter-case"
	noteStrayBlank  = "stray-blank"
	noteUnknownKey  = "unknown-key"
	noteUnknownWord = "unknown-word"
)

// notes count what a file has of each note.
type notes map[string]int

func (n notes) add(note string) { n[note]++ }

// note adds a note to a record, once.
func (r *Record) note(note string) {
	at, noted := slices.BinarySearch(r.Notes, note)
	if !noted {
		r.Notes = slices.Insert(r.Notes, at, note)
	}
}
