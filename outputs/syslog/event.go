package syslog

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// maxText is the most that MSG holds, in bytes. It repeats for people what the
// structured data says for machines.
const maxText = 256

// truncated marks an event from which something was left out.
const truncated = ` truncated="true"`

// formatter writes the events of one output. It is not safe for concurrent
// use: it keeps buffers.
type formatter struct {
	pri  int
	host string
	app  string
	sdID string
	site string
	// max is the length of the longest event, in bytes without the octet count.
	max int

	text []byte
}

// param is one SD-PARAM.
type param struct {
	name, value string
	// cut is true for text that may be shortened where room is short. The
	// others are left out as a whole: half a date is not a date.
	cut bool
}

// append writes one event. It reports false, and writes nothing, where the
// event cannot name its value in full within the longest length: a shortened
// value would be another value.
func (f *formatter) append(dst []byte, now time.Time, c *outputs.Change) ([]byte, bool) {
	start := len(dst)
	dst = appendHeader(dst, f.pri, now, f.host, f.app, "indicator-"+c.Op.String())
	dst = append(dst, '[')
	dst = append(dst, f.sdID...)
	for _, p := range f.identity(c) {
		if p.value != "" {
			dst = appendParam(dst, p.name, p.value)
		}
	}
	f.text = appendText(f.text[:0], maxText, sentence(c))
	room := f.max - (len(dst) - start) - len("] ") - len(f.text)
	if room < 0 {
		return dst[:start], false
	}
	if c.Op != outputs.Remove {
		dst = appendDetails(dst, room, details(&c.Entry))
	}
	dst = append(dst, "] "...)
	return append(dst, f.text...), true
}

// identity is what an event must hold to be of use.
func (f *formatter) identity(c *outputs.Change) [8]param {
	return [...]param{
		{name: "id", value: eventID(f.site, c)},
		{name: "action", value: c.Op.String()},
		{name: "kind", value: c.Entry.Key.Kind.String()},
		{name: "value", value: c.Entry.Key.Value},
		{name: "value_base64", value: exact(c.Entry.Key.Value)},
		{name: "reason", value: c.Reason},
		{name: "sequence", value: strconv.FormatUint(c.Entry.Sequence, 10)},
		{name: "site", value: f.site},
	}
}

// details is what is known of an entry, the most useful first. An empty value
// is not written.
func details(e *indicator.Entry) [11]param {
	return [...]param{
		{name: "valid_until", value: validUntil(e)},
		{name: "confidence", value: confidence(e.Confidence())},
		{name: "tlp", value: e.TLP().String()},
		{name: "direction", value: direction(e.Direction())},
		{name: "scope", value: scope(e)},
		{name: "exactness", value: e.Exactness().String()},
		{name: "source", value: strings.Join(e.Sources(), ","), cut: true},
		{name: "object", value: strings.Join(e.ObjectIDs(), ","), cut: true},
		{name: "type", value: strings.Join(e.IndicatorTypes(), ","), cut: true},
		{name: "threat", value: strings.Join(e.Threats(), ","), cut: true},
		{name: "name", value: strings.Join(e.Names(), ","), cut: true},
	}
}

// appendDetails writes as many of the parameters as room allows, in their
// order, and says so in the event where that is not all.
func appendDetails(dst []byte, room int, params [11]param) []byte {
	start := len(dst)
	for _, p := range params {
		if p.value != "" {
			dst = appendParam(dst, p.name, p.value)
		}
	}
	if len(dst)-start <= room {
		return dst
	}
	end := start + room - len(truncated)
	dst = dst[:start]
	for _, p := range params {
		if p.value != "" {
			dst = appendWithin(dst, end, p)
		}
	}
	if end < start {
		return dst
	}
	return append(dst, truncated...)
}

// appendWithin writes a parameter, or what of it fits before end.
func appendWithin(dst []byte, end int, p param) []byte {
	if end <= len(dst) {
		return dst
	}
	before := len(dst)
	dst, whole := appendCutParam(dst, end-len(dst), p.name, p.value)
	if !whole && !p.cut {
		return dst[:before]
	}
	return dst
}

// eventID is the same each time the same change is offered, so that a receiver
// can drop what arrives twice.
func eventID(site string, c *outputs.Change) string {
	key := c.Entry.Key
	sequence := strconv.FormatUint(c.Entry.Sequence, 10)
	text := strings.Join([]string{site, key.Kind.String(), key.Value, sequence, c.Op.String()}, "|")
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// exact returns the value in base64 where the event cannot show it as it is: a
// few kinds, such as user agents, may hold characters that act. It is empty for
// every other value.
func exact(value string) string {
	if utf8.ValidString(value) && !strings.ContainsFunc(value, acts) {
		return ""
	}
	return base64.StdEncoding.EncodeToString([]byte(value))
}

// sentence tells the change to a person.
func sentence(c *outputs.Change) string {
	text := c.Op.String() + " " + c.Entry.Key.String()
	if c.Reason == "" {
		return text
	}
	return text + ": " + c.Reason
}

func validUntil(e *indicator.Entry) string {
	until, _ := e.ValidUntil()
	if until.IsZero() {
		return ""
	}
	return until.UTC().Format(time.RFC3339)
}

func confidence(c indicator.Confidence) string {
	if c == indicator.Unstated {
		return ""
	}
	return strconv.Itoa(int(c))
}

func direction(d indicator.Direction) string {
	if d == indicator.DirectionUnknown {
		return ""
	}
	return d.String()
}

// scope is said of a domain only: other kinds are always exact.
func scope(e *indicator.Entry) string {
	if e.Key.Kind != indicator.Domain {
		return ""
	}
	return e.Scope().String()
}
