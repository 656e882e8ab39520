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
	// old is the zone of the times of RFC 3164, where that is the form of the
	// header. It is nil for RFC 5424.
	old *time.Location

	// stamped is the time that stamp writes: the events of a delivery have one
	// time in common.
	stamped time.Time
	stamp   []byte
}

// append writes the header, and the space after it.
func (h *header) append(dst []byte, at time.Time, msgID string, structured bool) []byte {
	if h.old != nil {
		return h.append3164(dst, at)
	}
	return h.append5424(dst, at, msgID, structured)
}

// append5424 writes HEADER of RFC 5424, section 6.2, and the space after it.
// Where the payload has no structured data, the nil value stands for it. The
// PROCID is always nil: a restart of the agent is not an event of interest.
func (h *header) append5424(dst []byte, at time.Time, msgID string, structured bool) []byte {
	dst = append(dst, '<')
	dst = strconv.AppendInt(dst, int64(h.pri), 10)
	dst = append(dst, ">1 "...)
	dst = append(dst, h.timestamp(at)...)
	for _, field := range []string{h.host, h.app, nilValue, msgID} {
		dst = append(dst, ' ')
		dst = append(dst, field...)
	}
	if !structured {
		dst = append(dst, " -"...)
	}
	return append(dst, ' ')
}

// timestamp writes TIMESTAMP of RFC 5424, section 6.2.3, with milliseconds. The
// memory is the header's.
func (h *header) timestamp(at time.Time) []byte {
	if h.stamp == nil || !at.Equal(h.stamped) {
		h.stamped, h.stamp = at, at.UTC().AppendFormat(h.stamp[:0], timestamp)
	}
	return h.stamp
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
