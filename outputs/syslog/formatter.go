package syslog

import (
	"time"

	"github.com/indicatord/indicatord/outputs"
)

// formatter writes the events of one output. It is not safe for concurrent
// use: it keeps buffers.
type formatter struct {
	header  header
	payload payload
	// encoder is nil for UTF-8.
	encoder *gbkEncoder
	site    string
	// max is the length of the longest event, in bytes without the octet count.
	max int
}

// payload is a notation of events.
type payload interface {
	// append writes an event as one line, in at most room bytes, and returns "".
	// It writes nothing and returns the reason where the event cannot be said:
	// it must name its value in full, for a shortened one would be another.
	append(dst []byte, room int, e *event) ([]byte, string)
}

// structured is a payload that writes STRUCTURED-DATA itself, with the space
// after it. Any other payload is the MSG alone.
type structured interface {
	payload
	isStructured()
}

// The reasons in a receipt for an event that is not sent.
const (
	tooLong = "longer than max_size"
	noWords = "no words for it in the template"
	misfit  = "a value that the template fails on"
)

// append writes the event about a change, as [formatter.appendEvent] does.
func (f *formatter) append(dst []byte, now time.Time, c *outputs.Change) ([]byte, string) {
	e := ofChange(f.site, now, c)
	return f.appendEvent(dst, &e)
}

// appendEvent writes one event with its header, and returns "". It writes
// nothing and returns the reason where the event cannot be said.
func (f *formatter) appendEvent(dst []byte, e *event) ([]byte, string) {
	start := len(dst)
	_, data := f.payload.(structured)
	dst = f.header.append(dst, e.at, e.typeID(), data)
	body := len(dst)
	dst, unsaid := f.payload.append(dst, f.max-(body-start), e)
	if unsaid != "" {
		return dst[:start], unsaid
	}
	if f.encoder != nil {
		dst = f.encoder.encode(dst, body)
	}
	return dst, ""
}

// takeLost returns how many characters were lost to the encoding since it was
// last asked.
func (f *formatter) takeLost() int {
	if f.encoder == nil {
		return 0
	}
	lost := f.encoder.lost
	f.encoder.lost = 0
	return lost
}
