package syslog

import (
	"strconv"
	"time"
)

// maxTag is the limit of TAG in RFC 3164, section 4.1.3, in bytes.
const maxTag = 32

// append3164 writes the PRI, HEADER and TAG of RFC 3164, section 4.1, and the
// space after them. The form has neither a year nor a zone: the receiver takes
// the time for its own zone's.
func (h *header) append3164(dst []byte, at time.Time) []byte {
	dst = append(dst, '<')
	dst = strconv.AppendInt(dst, int64(h.pri), 10)
	dst = append(dst, '>')
	dst = at.In(h.old).AppendFormat(dst, time.Stamp)
	dst = append(dst, ' ')
	dst = append(dst, h.host...)
	dst = append(dst, ' ')
	dst = append(dst, h.app...)
	return append(dst, ": "...)
}
