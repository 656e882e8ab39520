package syslog

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/indicatord/indicatord/internal/ecs"
)

// jsonECS writes an event as the document of the Elastic Common Schema that the
// Elasticsearch output writes, in JSON (RFC 8259) on one line. Beside it stand
// event.action, event.reason and event.id.
type jsonECS struct {
	origin origin
	// ascii writes every character beyond ASCII as an escape, so that the text is
	// the same in UTF-8 and in GBK.
	ascii bool
}

func (p *jsonECS) append(dst []byte, room int, e *event) ([]byte, string) {
	if e.entry == nil {
		return p.appendNews(dst, room, e)
	}
	doc := ecs.Document(p.origin.site, e.entry, e.at)
	doc.Event.Action, doc.Event.Reason = e.action, e.reason
	own := &changeOwn{Own: &doc.Indicatord}
	if !utf8.ValidString(e.entry.Key.Value) {
		own.ValueBase64 = base64.StdEncoding.EncodeToString([]byte(e.entry.Key.Value))
	}
	if e.refresh.ID != "" {
		own.Refresh = &e.refresh
	}
	document := changeDocument{Doc: doc, Event: changeEvent{Event: &doc.Event, ID: e.id}, Indicatord: own}
	dst, unsaid := p.appendWithin(dst, room, &document)
	for i := 0; unsaid == tooLong && i < len(lessOf); i++ {
		lessOf[i](doc)
		own.Truncated = true
		dst, unsaid = p.appendWithin(dst, room, &document)
	}
	return dst, unsaid
}

// changeDocument is the document of the Elasticsearch output with what tells one
// event from another. Its own fields take the place of those of the document.
type changeDocument struct {
	*ecs.Doc
	Event      changeEvent `json:"event"`
	Indicatord *changeOwn  `json:"indicatord"`
}

type changeEvent struct {
	*ecs.Event
	ID string `json:"id"`
}

type changeOwn struct {
	*ecs.Own
	// ValueBase64 is set for a value that is not UTF-8.
	ValueBase64 string `json:"value_base64,omitempty"`
	Refresh     *part  `json:"refresh,omitempty"`
	Truncated   bool   `json:"truncated,omitempty"`
}

// lessOf leave out of a document what it can do without, the least useful first.
var lessOf = []func(*ecs.Doc){
	func(d *ecs.Doc) { d.Threat.Indicator.Description, _ = clip(d.Threat.Indicator.Description, 256) },
	func(d *ecs.Doc) {
		if d.Indicatord.Rule != nil {
			d.Indicatord.Rule.Text = ""
		}
	},
	func(d *ecs.Doc) { d.Threat.Indicator.Reference, d.Tags = nil, nil },
	func(d *ecs.Doc) { d.Threat.Indicator.Description = "" },
	func(d *ecs.Doc) { d.Indicatord.Names = nil },
	func(d *ecs.Doc) {
		d.Indicatord.Threats, d.Indicatord.IndicatorTypes, d.Indicatord.Remainder = nil, nil, nil
	},
	func(d *ecs.Doc) { d.Threat.Indicator.ID, d.Indicatord.Protected = nil, "" },
	func(d *ecs.Doc) {
		if u := d.Threat.Indicator.URL; u != nil {
			u.Original, u.Path, u.Query = "", "", ""
		}
	},
}

// newsDocument is an event about no entry.
type newsDocument struct {
	Timestamp  time.Time   `json:"@timestamp"`
	ECS        ecs.Version `json:"ecs"`
	Event      newsEvent   `json:"event"`
	Message    string      `json:"message"`
	Indicatord newsOwn     `json:"indicatord"`
}

type newsEvent struct {
	Kind    string `json:"kind"`
	Module  string `json:"module"`
	Dataset string `json:"dataset"`
	Action  string `json:"action"`
	ID      string `json:"id"`
}

type newsOwn struct {
	Site    string     `json:"site"`
	Output  string     `json:"output"`
	Refresh *part      `json:"refresh,omitempty"`
	Stand   *newsStand `json:"stand,omitempty"`
	Alarm   *newsAlarm `json:"alarm,omitempty"`
}

type newsStand struct {
	Delivered    int       `json:"delivered"`
	LastDelivery time.Time `json:"last_delivery,omitzero"`
	Alarms       int       `json:"alarms"`
	Version      string    `json:"version,omitempty"`
}

type newsAlarm struct {
	Name    string    `json:"name"`
	Subject string    `json:"subject"`
	Since   time.Time `json:"since,omitzero"`
	Text    string    `json:"text,omitempty"`
}

// appendNews writes an event about no entry.
func (p *jsonECS) appendNews(dst []byte, room int, e *event) ([]byte, string) {
	document := p.news(e)
	dst, unsaid := p.appendWithin(dst, room, document)
	if alarm := document.Indicatord.Alarm; unsaid == tooLong && alarm != nil {
		alarm.Text = ""
		alarm.Subject, _ = clip(alarm.Subject, 64)
		document.Message, _ = clip(document.Message, 128)
		dst, unsaid = p.appendWithin(dst, room, document)
	}
	return dst, unsaid
}

func (p *jsonECS) news(e *event) *newsDocument {
	document := &newsDocument{
		Timestamp: e.at.UTC(), ECS: ecs.Version{Version: ecs.SchemaVersion},
		Event:      newsEvent{Kind: "event", Module: ecs.Module, Dataset: ecs.Module + "." + category(e), Action: e.action, ID: e.id},
		Message:    string(appendText(nil, maxText, e.appendSentence(nil))),
		Indicatord: newsOwn{Site: p.origin.site, Output: p.origin.output},
	}
	own := &document.Indicatord
	if e.refresh.ID != "" {
		own.Refresh = &e.refresh
	}
	if n := e.notice; n != nil {
		own.Stand = &newsStand{n.Stand.Delivered, n.Stand.LastDelivery.UTC(), n.Stand.Alarms, n.Stand.Version}
		if a := n.Alarm; a.Name != "" {
			own.Alarm = &newsAlarm{a.Name, a.Subject, a.Since.UTC(), a.Text}
		}
	}
	return document
}

// unwritable is the reason of a document with a time that RFC 3339 cannot write.
const unwritable = "a value that JSON cannot write"

// appendWithin writes a document, or nothing where it has more than room bytes.
func (p *jsonECS) appendWithin(dst []byte, room int, document any) ([]byte, string) {
	start := len(dst)
	text, err := json.Marshal(document)
	if err != nil {
		return dst, unwritable
	}
	dst = appendInert(dst, text, p.ascii)
	if len(dst)-start > room {
		return dst[:start], tooLong
	}
	return dst, ""
}

// appendInert copies JSON and escapes in it what acts, and with ascii all that
// is not ASCII. Such characters are only found within strings.
func appendInert(dst, text []byte, ascii bool) []byte {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case acts(r) || ascii && r >= utf8.RuneSelf:
			dst = appendUnicodeEscape(dst, r)
		default:
			dst = append(dst, text[:size]...)
		}
		text = text[size:]
	}
	return dst
}

// appendUnicodeEscape writes a character as \uXXXX, twice for one beyond the
// basic plane (RFC 8259, section 7).
func appendUnicodeEscape(dst []byte, r rune) []byte {
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(dst, `\u%04x`, r)
}
