package syslog

import (
	"strconv"
	"strings"
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
	p.record.fields, p.record.clipped = p.record.fields[:0], false
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
	r.need(
		field{name: "externalId", value: e.id},
		field{name: "act", value: e.action},
		p.clipped("deviceExternalId", cefShort, p.origin.site),
	)
	if e.refresh.ID != "" {
		r.need(field{name: "flexString2Label=refresh flexString2", value: e.refresh.ID})
		r.need(field{name: "flexNumber1Label=total flexNumber1", value: strconv.Itoa(e.refresh.Total)})
	}
	if e.refresh.Number > 0 {
		r.need(field{name: "cn3Label=number cn3", value: strconv.Itoa(e.refresh.Number)})
	}
	if e.entry == nil {
		r.need(p.clipped("cs3Label=output cs3", cefCustom, p.origin.output))
		if e.notice != nil {
			p.fillNotice(e.notice)
		}
		return true
	}
	if !p.fillKey(e) {
		return false
	}
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
	p.record.need(
		field{name: "cs1Label=indicator cs1", value: key.Value},
		field{name: "cs2Label=kind cs2", value: key.Kind.String()},
		field{name: "cs6Label=value_base64 cs6", value: encoded},
		p.clipped("reason", cefString, e.reason),
		field{name: "cn2Label=sequence cn2", value: strconv.FormatUint(e.entry.Sequence, 10)},
	)
	if key.Kind == indicator.IP {
		p.fillAddress(key, e.entry.Direction())
	} else if to, ok := cefKeys[key.Kind]; ok {
		if _, whole := clip(key.Value, to.limit); whole {
			p.record.add(field{name: to.name, value: key.Value})
		}
	}
	return true
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
		p.record.add(field{name: name, value: prefix.Addr().String()})
	}
}

// fillDetails adds what is known of an entry.
func (p *cef) fillDetails(e *indicator.Entry) {
	until, _ := e.ValidUntil()
	p.record.add(
		field{name: "deviceCustomDate1Label=valid_until deviceCustomDate1", value: milliseconds(until)},
		field{name: "cn1Label=confidence cn1", value: confidence(e.Confidence())},
		field{name: "cs4Label=tlp cs4", value: e.TLP().String()},
		field{name: "deviceDirection", value: cefDirection(e.Direction())},
		field{name: "indicatordScope", value: scope(e)},
		field{name: "indicatordExactness", value: e.Exactness().String()},
		p.clipped("indicatordProtected", cefCustomExt, e.Protected),
		p.clipped("cs3Label=source cs3", cefCustom, strings.Join(e.Sources(), ",")),
		p.clipped("flexString1Label=object flexString1", cefFlex, strings.Join(e.ObjectIDs(), ",")),
		p.clipped("cat", cefString, strings.Join(e.IndicatorTypes(), ",")),
		p.clipped("cs5Label=threat cs5", cefCustom, strings.Join(e.Threats(), ",")),
		p.clipped("msg", cefString, strings.Join(e.Names(), ",")),
	)
}

func (p *cef) fillNotice(n *outputs.Notice) {
	p.record.need(
		field{name: "cn1Label=delivered cn1", value: strconv.Itoa(n.Stand.Delivered)},
		field{name: "cn2Label=alarms cn2", value: strconv.Itoa(n.Stand.Alarms)},
	)
	p.record.add(
		field{name: "deviceCustomDate2Label=last_delivery deviceCustomDate2", value: milliseconds(n.Stand.LastDelivery)},
		p.clipped("cs1Label=alarm cs1", cefCustom, n.Alarm.Name),
		p.clipped("cs2Label=subject cs2", cefCustom, n.Alarm.Subject),
		field{name: "deviceCustomDate1Label=since deviceCustomDate1", value: milliseconds(n.Alarm.Since)},
		p.clipped("msg", cefString, n.Alarm.Text),
	)
}

// clipped is a field with as much of the value as the dictionary allows.
func (p *cef) clipped(name string, limit int, value string) field {
	short, whole := clip(value, limit)
	p.record.clipped = p.record.clipped || !whole
	return field{name: name, value: short, cut: true}
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

// milliseconds writes a time as milliseconds since 1970, and nothing for no time.
func milliseconds(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
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
