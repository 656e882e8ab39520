package syslog

import (
	"strconv"
	"strings"
	"time"
)

// field is one thing that an event tells.
type field struct {
	name  string
	value []byte
	// cut is true for text that may be shortened where room is short. The
	// others are left out as a whole: half a date is not a date.
	cut bool
}

// record is all that an event tells, the most useful first. What has no value is
// not in it. It is filled anew for each event in the memory of the last one, for
// a first load tells of millions.
type record struct {
	fields []field
	// needed counts those at the start without which the event is of no use.
	needed int
	// clipped is true where a field is shorter than what is known.
	clipped bool

	// values has the values of the fields, one behind the other.
	values []byte
	words  []string
}

// clear makes the record empty.
func (r *record) clear() {
	r.fields, r.values, r.needed, r.clipped = r.fields[:0], r.values[:0], 0, false
}

// need makes all fields so far such as the event is of no use without.
func (r *record) need() { r.needed = len(r.fields) }

// put adds a field that is written whole or not at all.
func (r *record) put(name, value string) {
	r.end(name, append(r.values, value...), false)
}

// putText adds a field that may be shortened.
func (r *record) putText(name, value string) {
	r.end(name, append(r.values, value...), true)
}

// putWords adds a field of words with commas between. The words are what
// appendTo appends to a slice.
func (r *record) putWords(name string, appendTo func([]string) []string) {
	r.putText(name, r.join(appendTo))
}

// join returns the words with commas between. Of a single word, which most
// entries have, nothing is copied.
func (r *record) join(appendTo func([]string) []string) string {
	r.words = appendTo(r.words[:0])
	return strings.Join(r.words, ",")
}

// putWithin adds as much of a text as is shown in at most limit bytes.
func (r *record) putWithin(name string, limit int, value string) {
	short, whole := clip(value, limit)
	r.clipped = r.clipped || !whole
	r.putText(name, short)
}

// putNumber adds a number.
func (r *record) putNumber(name string, n int64) {
	r.end(name, strconv.AppendInt(r.values, n, 10), false)
}

// putTime adds a time as RFC 3339 has it. It adds nothing for no time.
func (r *record) putTime(name string, t time.Time) {
	if !t.IsZero() {
		r.end(name, t.UTC().AppendFormat(r.values, time.RFC3339), false)
	}
}

// end adds the field whose value has been appended to the values.
func (r *record) end(name string, values []byte, cut bool) {
	if begin := len(r.values); len(values) > begin {
		r.fields = append(r.fields, field{name, values[begin:], cut})
	}
	r.values = values
}
