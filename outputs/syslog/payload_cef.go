package syslog

import (
	"strconv"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// The lengths that ArcSight's dictionary of the Common Event Format (revision
// 25) gives the fields that are used here, in bytes: never more than it allows,
// whether it counts bytes or characters.
const (
	cefVersion   = 31   // Device Version
	cefCustom    = 4000 // cs1 to cs6
	cefString    = 1023 // cat, dproc, fname, filePath, msg, reason, request, suser
	cefShort     = 255  // deviceExternalId, destinationDnsDomain, fileHash
	cefFlex      = 1023 // flexString1, flexString2
	cefCustomExt = 1023 // keys of our own
)

// longForCEF is the reason of a value that no field of the dictionary can hold.
const longForCEF = "longer than any field of CEF"

// cef writes an event in ArcSight's Common Event Format, version 0. The value
// stands in cs1 whatever its kind, and once more under the key that the
// dictionary has for its kind.
type cef struct {
	origin origin
	record record
}

// cefPairs is the notation of the extension.
var cefPairs = pairs{before: " ", assign: "=", escape: appendCEF, truncated: " indicatordTruncated=true"}

func (p *cef) append(dst []byte, room int, e *event) ([]byte, string) {
	start := len(dst)
	if !p.fill(e) {
		return dst, longForCEF
	}
	dst = p.appendHead(dst, e)
	dst = append(dst, "rt="...)
	dst = strconv.AppendInt(dst, e.at.UnixMilli(), 10)
	dst, fits := cefPairs.appendRecord(dst, start+room, &p.record)
	if !fits {
		return dst[:start], tooLong
	}
	return dst, ""
}

// cefNames is the Name of the header for each action.
var cefNames = map[string]string{
	"add": "Indicator added", "update": "Indicator updated", "remove": "Indicator removed", present: "Indicator present",
	refreshBegin: "Refresh begins", refreshEnd: "Refresh ends",
	string(outputs.Heartbeat): "Heartbeat", string(outputs.AlarmRaised): "Alarm raised", string(outputs.AlarmCleared): "Alarm cleared",
}

// appendHead writes the seven fields of the header, each with the bar after it.
func (p *cef) appendHead(dst []byte, e *event) []byte {
	dst = append(dst, "CEF:0|indicatord|indicatord|"...)
	version, _ := clip(p.origin.version, cefVersion)
	for _, r := range version {
		dst = appendCEFHead(dst, r)
	}
	dst = append(dst, '|')
	dst = append(dst, e.typeID()...)
	dst = append(dst, '|')
	dst = append(dst, cefNames[e.action]...)
	dst = append(dst, '|')
	dst = strconv.AppendInt(dst, int64(e.severity()), 10)
	return append(dst, '|')
}

// fill makes the record of an event under the keys of the dictionary. It reports
// false where no key is long enough for the value.
func (p *cef) fill(e *event) bool {
	r := &p.record
	r.clear()
	r.put("externalId", e.id)
	r.put("act", e.action)
	r.putWithin("deviceExternalId", cefShort, p.origin.site)
	if e.refresh.ID != "" {
		r.put("flexString2Label=refresh flexString2", e.refresh.ID)
		r.putNumber("flexNumber1Label=total flexNumber1", int64(e.refresh.Total))
	}
	if e.refresh.Number > 0 {
		r.putNumber("cn3Label=number cn3", int64(e.refresh.Number))
	}
	if e.entry != nil {
		return p.fillEntry(e)
	}
	r.putWithin("cs3Label=output cs3", cefCustom, p.origin.output)
	r.need()
	if e.notice != nil {
		p.fillNotice(e.notice)
	}
	return true
}

// fillEntry adds the entry that the event is about.
func (p *cef) fillEntry(e *event) bool {
	if !p.fillKey(e) {
		return false
	}
	p.record.need()
	p.fillOwnKey(e.entry)
	if e.tellsOf() {
		p.fillDetails(e.entry)
	}
	return true
}

// fillKey adds what the event is about.
func (p *cef) fillKey(e *event) bool {
	key := e.entry.Key
	encoded := exact(key.Value, p.origin.hides)
	if _, whole := clip(key.Value, cefCustom); !whole || len(encoded) > cefCustom {
		return false
	}
	r := &p.record
	r.put("cs1Label=indicator cs1", key.Value)
	r.put("cs2Label=kind cs2", key.Kind.String())
	r.put("cs6Label=value_base64 cs6", encoded)
	r.putWithin("reason", cefString, e.reason)
	r.putNumber("cn2Label=sequence cn2", int64(e.entry.Sequence))
	return true
}

// fillOwnKey adds the value once more, under the key that the dictionary has for
// its kind.
func (p *cef) fillOwnKey(e *indicator.Entry) {
	if e.Key.Kind == indicator.IP {
		p.fillAddress(e.Key, e.Direction())
		return
	}
	if to, ok := cefKeys[e.Key.Kind]; ok {
		if _, whole := clip(e.Key.Value, to.limit); whole {
			p.record.put(to.name, e.Key.Value)
		}
	}
}

// cefKeys are the keys for a value of each kind, beside cs1.
var cefKeys = map[indicator.Kind]struct {
	name  string
	limit int
}{
	indicator.Domain:      {"destinationDnsDomain", cefShort},
	indicator.URL:         {"request", cefString},
	indicator.Email:       {"suser", cefString},
	indicator.MD5:         {"fileHash", cefShort},
	indicator.SHA1:        {"fileHash", cefShort},
	indicator.SHA256:      {"fileHash", cefShort},
	indicator.SHA512:      {"fileHash", cefShort},
	indicator.FileName:    {"fname", cefString},
	indicator.Process:     {"dproc", cefString},
	indicator.RegistryKey: {"filePath", cefString},
	indicator.UserAgent:   {"requestClientApplication", cefString},
	indicator.MAC:         {"smac", cefString},
}

// fillAddress adds a single address where the dictionary has a key for its
// family. It has none for a prefix.
func (p *cef) fillAddress(key indicator.Key, towards indicator.Direction) {
	prefix := key.Prefix()
	if !prefix.IsSingleIP() {
		return
	}
	source, destination := "src", "dst"
	if prefix.Addr().Is6() {
		source, destination = "c6a2Label=Source IPv6 Address c6a2", "c6a3Label=Destination IPv6 Address c6a3"
	}
	for _, name := range ends(towards, source, destination) {
		p.record.put(name, prefix.Addr().String())
	}
}

// fillDetails adds what is known of an entry.
func (p *cef) fillDetails(e *indicator.Entry) {
	r := &p.record
	until, _ := e.ValidUntil()
	r.putMilliseconds("deviceCustomDate1Label=valid_until deviceCustomDate1", until)
	r.putConfidence("cn1Label=confidence cn1", e.Confidence())
	r.put("cs4Label=tlp cs4", e.TLP().String())
	r.put("deviceDirection", cefDirection(e.Direction()))
	r.put("indicatordScope", scope(e))
	r.put("indicatordExactness", e.Exactness().String())
	r.putWithin("indicatordProtected", cefCustomExt, e.Protected)
	r.putWithin("cs3Label=source cs3", cefCustom, r.join(e.AppendSources))
	r.putWithin("flexString1Label=object flexString1", cefFlex, r.join(e.AppendObjectIDs))
	r.putWithin("cat", cefString, r.join(e.AppendIndicatorTypes))
	r.putWithin("cs5Label=threat cs5", cefCustom, r.join(e.AppendThreats))
	r.putWithin("msg", cefString, r.join(e.AppendNames))
}

func (p *cef) fillNotice(n *outputs.Notice) {
	r := &p.record
	r.putNumber("cn1Label=delivered cn1", int64(n.Stand.Delivered))
	r.putNumber("cn2Label=alarms cn2", int64(n.Stand.Alarms))
	r.need()
	r.putMilliseconds("deviceCustomDate2Label=last_delivery deviceCustomDate2", n.Stand.LastDelivery)
	r.putWithin("cs1Label=alarm cs1", cefCustom, n.Alarm.Name)
	r.putWithin("cs2Label=subject cs2", cefCustom, n.Alarm.Subject)
	r.putMilliseconds("deviceCustomDate1Label=since deviceCustomDate1", n.Alarm.Since)
	r.putWithin("msg", cefString, n.Alarm.Text)
}

// putMilliseconds adds a time as milliseconds since 1970. It adds nothing for no
// time.
func (r *record) putMilliseconds(name string, t time.Time) {
	if !t.IsZero() {
		r.putNumber(name, t.UnixMilli())
	}
}

// severity is 0 to 10: a tenth of the confidence, 5 where none is stated, and
// little for what asks for no attention.
func (e *event) severity() int {
	switch {
	case e.action == string(outputs.AlarmRaised):
		return 7
	case !e.tellsOf():
		return 1
	case e.entry.Confidence() == indicator.Unstated:
		return 5
	}
	return int(e.entry.Confidence()) / 10
}

// ends are the ends of a connection that a value is at. What has no direction is
// looked for as a destination.
func ends(towards indicator.Direction, source, destination string) []string {
	switch towards {
	case indicator.DirectionFrom:
		return []string{source}
	case indicator.DirectionBoth:
		return []string{source, destination}
	}
	return []string{destination}
}

// cefDirection is deviceDirection: 0 inbound, 1 outbound.
func cefDirection(d indicator.Direction) string {
	switch d {
	case indicator.DirectionFrom:
		return "0"
	case indicator.DirectionTo:
		return "1"
	}
	return ""
}

// appendCEF writes one character of a value in the extension. A line break,
// which the format would allow as "\n", is replaced with all else that acts: a
// receiver that passes the value on must not write a second line.
func appendCEF(dst []byte, r rune) []byte {
	if r == '=' || r == '\\' {
		return append(dst, '\\', byte(r))
	}
	return appendNeutral(dst, r)
}

// appendCEFHead writes one character of a field of the header.
func appendCEFHead(dst []byte, r rune) []byte {
	if r == '|' || r == '\\' {
		return append(dst, '\\', byte(r))
	}
	return appendNeutral(dst, r)
}
