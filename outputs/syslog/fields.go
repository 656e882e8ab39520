package syslog

import (
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

// fill makes the record of an event under the names that the structured data
// and key="value" have for its fields.
func (r *record) fill(o *origin, e *event) {
	r.clear()
	r.put("id", e.id)
	r.put("action", e.action)
	if e.entry == nil {
		r.put("site", o.site)
		r.put("output", o.output)
	} else {
		r.fillKey(o, e)
	}
	if e.refresh.ID != "" {
		r.fillRefresh(&e.refresh)
	}
	if e.notice != nil {
		r.fillStand(&e.notice.Stand)
	}
	r.need()
	if e.notice != nil {
		r.fillAlarm(e.notice)
	}
	if e.tellsOf() {
		r.fillDetails(e.entry)
	}
}

func (r *record) fillKey(o *origin, e *event) {
	key := &e.entry.Key
	r.put("kind", key.Kind.String())
	r.put("value", key.Value)
	r.put("value_base64", exact(key.Value, o.hides))
	r.put("reason", e.reason)
	r.putNumber("sequence", int64(e.entry.Sequence))
	r.put("site", o.site)
}

func (r *record) fillRefresh(p *part) {
	r.put("refresh", p.ID)
	if p.Number > 0 {
		r.putNumber("number", int64(p.Number))
	}
	r.putNumber("total", int64(p.Total))
}

func (r *record) fillStand(s *outputs.Stand) {
	r.putNumber("delivered", int64(s.Delivered))
	r.putTime("last_delivery", s.LastDelivery)
	r.putNumber("alarms", int64(s.Alarms))
}

func (r *record) fillAlarm(n *outputs.Notice) {
	r.put("version", n.Stand.Version)
	r.putText("alarm", n.Alarm.Name)
	r.putText("subject", n.Alarm.Subject)
	r.putTime("since", n.Alarm.Since)
	r.putText("text", n.Alarm.Text)
}

// fillDetails adds what is known of an entry.
func (r *record) fillDetails(e *indicator.Entry) {
	until, _ := e.ValidUntil()
	r.putTime("valid_until", until)
	r.putConfidence("confidence", e.Confidence())
	r.put("tlp", e.TLP().String())
	r.put("direction", direction(e.Direction()))
	r.put("scope", scope(e))
	r.put("exactness", e.Exactness().String())
	r.putText("protected", e.Protected)
	r.putWords("source", e.AppendSources)
	r.putWords("object", e.AppendObjectIDs)
	r.putWords("type", e.AppendIndicatorTypes)
	r.putWords("threat", e.AppendThreats)
	r.putWords("name", e.AppendNames)
}

// putConfidence adds a confidence that is stated.
func (r *record) putConfidence(name string, c indicator.Confidence) {
	if c != indicator.Unstated {
		r.putNumber(name, int64(c))
	}
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
