package syslog

import (
	"strconv"
	"strings"
	"time"
)

// The limits of RFC 5424, section 6, in bytes.
const (
	maxHostname = 255
	maxAppName  = 48
)

// timestamp is TIMESTAMP of RFC 5424, section 6.2.3, with milliseconds.
const timestamp = "2006-01-02T15:04:05.000Z"

// nilValue stands for a header field that has no value.
const nilValue = "-"

// header is what stands before the payload of every event.
type header struct {
	pri       int
	host, app string
}

// append writes HEADER of RFC 5424, section 6.2, and the space after it. Where
// the payload has no structured data, the nil value stands for it. The PROCID is
// always nil: a restart of the agent is not an event of interest.
func (h *header) append(dst []byte, at time.Time, msgID string, structured bool) []byte {
	dst = append(dst, '<')
	dst = strconv.AppendInt(dst, int64(h.pri), 10)
	dst = append(dst, ">1 "...)
	dst = at.UTC().AppendFormat(dst, timestamp)
	for _, field := range []string{h.host, h.app, nilValue, msgID} {
		dst = append(dst, ' ')
		dst = append(dst, field...)
	}
	if !structured {
		dst = append(dst, " -"...)
	}
	return append(dst, ' ')
}

// headerField makes text fit for a field of the header: printable US-ASCII
// without spaces, at most limit bytes, and "-" if nothing is left.
func headerField(text string, limit int) string {
	clean := strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, text)
	if clean == "" {
		return nilValue
	}
	return clean[:min(len(clean), limit)]
}

// appendFrame writes one octet-counted frame of RFC 6587, section 3.4.1.
func appendFrame(dst, message []byte) []byte {
	dst = strconv.AppendInt(dst, int64(len(message)), 10)
	dst = append(dst, ' ')
	return append(dst, message...)
}
