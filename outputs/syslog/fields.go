package syslog

import (
	"strconv"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// origin is who sends, and what the payload cannot show.
type origin struct {
	site, output, version string
	// hides reports a character that the payload writes as another one, beside
	// those that act. It is nil where there is none.
	hides func(rune) bool
}

// field is one thing that an event tells.
type field struct {
	name, value string
	// cut is true for text that may be shortened where room is short. The
	// others are left out as a whole: half a date is not a date.
	cut bool
}

// record is all that an event tells, the most useful first. A field without a
// value is not written.
type record struct {
	fields []field
	// needed counts those at the start without which the event is of no use.
	needed int
	// clipped is true where a field is shorter than what is known.
	clipped bool
}

// add appends fields.
func (r *record) add(fields ...field) { r.fields = append(r.fields, fields...) }

// need appends fields without which the event is of no use.
func (r *record) need(fields ...field) {
	r.add(fields...)
	r.needed = len(r.fields)
}

// fill makes the record of an event under the names that the structured data
// and key="value" have for its fields. It uses the memory of what was there.
func (r *record) fill(o *origin, e *event) {
	r.fields, r.clipped = r.fields[:0], false
	r.need(field{name: "id", value: e.id}, field{name: "action", value: e.action})
	if e.entry == nil {
		r.need(field{name: "site", value: o.site}, field{name: "output", value: o.output})
	} else {
		r.need(
			field{name: "kind", value: e.entry.Key.Kind.String()},
			field{name: "value", value: e.entry.Key.Value},
			field{name: "value_base64", value: exact(e.entry.Key.Value, o.hides)},
			field{name: "reason", value: e.reason},
			field{name: "sequence", value: strconv.FormatUint(e.entry.Sequence, 10)},
			field{name: "site", value: o.site},
		)
	}
	if e.refresh.ID != "" {
		r.fillRefresh(&e.refresh)
	}
	if e.notice != nil {
		r.fillNotice(e.notice)
	}
	if e.tellsOf() {
		r.fillDetails(e.entry)
	}
}

func (r *record) fillRefresh(p *part) {
	r.need(field{name: "refresh", value: p.ID})
	if p.Number > 0 {
		r.need(field{name: "number", value: strconv.Itoa(p.Number)})
	}
	r.need(field{name: "total", value: strconv.Itoa(p.Total)})
}

func (r *record) fillNotice(n *outputs.Notice) {
	r.need(
		field{name: "delivered", value: strconv.Itoa(n.Stand.Delivered)},
		field{name: "last_delivery", value: instant(n.Stand.LastDelivery)},
		field{name: "alarms", value: strconv.Itoa(n.Stand.Alarms)},
	)
	r.add(
		field{name: "version", value: n.Stand.Version},
		field{name: "alarm", value: n.Alarm.Name, cut: true},
		field{name: "subject", value: n.Alarm.Subject, cut: true},
		field{name: "since", value: instant(n.Alarm.Since)},
		field{name: "text", value: n.Alarm.Text, cut: true},
	)
}

// fillDetails appends what is known of an entry.
func (r *record) fillDetails(e *indicator.Entry) {
	r.add(
		field{name: "valid_until", value: validUntil(e)},
		field{name: "confidence", value: confidence(e.Confidence())},
		field{name: "tlp", value: e.TLP().String()},
		field{name: "direction", value: direction(e.Direction())},
		field{name: "scope", value: scope(e)},
		field{name: "exactness", value: e.Exactness().String()},
		field{name: "protected", value: e.Protected, cut: true},
		field{name: "source", value: strings.Join(e.Sources(), ","), cut: true},
		field{name: "object", value: strings.Join(e.ObjectIDs(), ","), cut: true},
		field{name: "type", value: strings.Join(e.IndicatorTypes(), ","), cut: true},
		field{name: "threat", value: strings.Join(e.Threats(), ","), cut: true},
		field{name: "name", value: strings.Join(e.Names(), ","), cut: true},
	)
}

func validUntil(e *indicator.Entry) string {
	until, _ := e.ValidUntil()
	return instant(until)
}

// instant writes a time, and nothing for no time.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
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
