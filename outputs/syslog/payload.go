package syslog

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/plugin"
)

// Payload is a notation of events.
type Payload string

// The payloads.
const (
	// SD is structured data (RFC 5424, section 6.3).
	SD Payload = "sd"
	// CEF is ArcSight's Common Event Format, version 0.
	CEF Payload = "cef"
	// LEEF1 and LEEF2 are QRadar's Log Event Extended Format, 1.0 and 2.0.
	LEEF1 Payload = "leef1"
	LEEF2 Payload = "leef2"
	// JSON is a document of the Elastic Common Schema (RFC 8259).
	JSON Payload = "json"
	// KV is key="value", with spaces between.
	KV Payload = "kv"
	// Template is what [Settings].Template says.
	Template Payload = "template"
)

// Encoding is how characters become bytes.
type Encoding string

// The encodings.
const (
	UTF8 Encoding = "utf-8"
	// GBK is what many Chinese platforms read. A character that it does not have
	// is sent as "?".
	GBK Encoding = "gbk"
)

// validatePayload reports what is wrong with the settings of the payload.
func (s *Settings) validatePayload() error {
	_, _, err := readDelimiter(s.Delimiter)
	return errors.Join(
		plugin.Field("payload", checkPayload(s.Payload)),
		plugin.Field("template", s.checkTemplate()),
		plugin.Field("delimiter", err),
		plugin.Field("encoding", s.checkEncoding()),
	)
}

func checkPayload(p Payload) error {
	switch p {
	case SD, CEF, LEEF1, LEEF2, JSON, KV, Template:
		return nil
	}
	return fmt.Errorf("%q is not a payload: want one of sd, cef, leef1, leef2, json, kv, template", string(p))
}

func (s *Settings) checkTemplate() error {
	if s.Payload == Template {
		return checkLine(s.Template)
	}
	if s.Template != "" {
		return fmt.Errorf("is for payload: template, and the payload is %s", s.Payload)
	}
	return nil
}

func (s *Settings) checkEncoding() error {
	switch {
	case s.Encoding != UTF8 && s.Encoding != GBK:
		return fmt.Errorf("%q is not supported: want utf-8 or gbk", string(s.Encoding))
	case s.Encoding == GBK && s.Payload == SD:
		return errors.New("structured data is always in utf-8 (RFC 5424, section 6.3.3): choose another payload for gbk")
	}
	return nil
}

// readDelimiter reads the delimiter of LEEF 2.0: a punctuation mark, or x and
// the hexadecimal number of one or of the tab. It returns the character, and
// what the header has for it.
func readDelimiter(text string) (rune, string, error) {
	code, isHex := strings.CutPrefix(strings.TrimPrefix(text, "0"), "x")
	delimiter := text
	if n, err := strconv.ParseUint(code, 16, 8); isHex && err == nil {
		delimiter = string(rune(n))
	}
	if delimiter == "\t" {
		return '\t', "x09", nil
	}
	if len(delimiter) != 1 || !strings.Contains("!#$&*+,;@^_`~", delimiter) {
		return 0, "", fmt.Errorf("%q does not delimit fields: want ^ or one other of !#$&*+,;@_`~, or x09 for the tab", text)
	}
	return rune(delimiter[0]), text, nil
}

// newFormatter makes what writes the events of an output.
func newFormatter(s *Settings, env plugin.Env) (formatter, error) {
	f := formatter{
		header: header{pri: priority(s.Facility, s.Severity), host: hostname(s.Hostname), app: s.AppName},
		site:   env.Site, max: s.longest(),
	}
	if s.Header == RFC3164 {
		f.header.old = time.Local
	}
	_, version, _ := strings.Cut(env.Agent, "/")
	o := origin{site: env.Site, output: env.Name, version: version}
	if s.Encoding == GBK && s.Payload != JSON {
		f.encoder = newGBKEncoder()
		o.hides = f.encoder.hides
	}
	var err error
	f.payload, err = newPayload(s, o)
	return f, err
}

func newPayload(s *Settings, o origin) (payload, error) {
	switch s.Payload {
	case CEF:
		return &cef{origin: o}, nil
	case LEEF1:
		return newLEEF(o, "1.0", '\t', ""), nil
	case LEEF2:
		delimiter, mark, err := readDelimiter(s.Delimiter)
		return newLEEF(o, "2.0", delimiter, mark), err
	case JSON:
		return &jsonECS{origin: o, ascii: s.Encoding == GBK}, nil
	case KV:
		return &keyValue{origin: o}, nil
	case Template:
		return newFilled(o, s.Template)
	}
	return &structuredData{origin: o, id: fmt.Sprintf("indicatord@%d", s.Enterprise)}, nil
}
