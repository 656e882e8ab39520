package syslog

import (
	"bytes"
	"strconv"
)

// appendFramed writes an event so that the receiver sees where it ends.
func (f Framing) appendFramed(dst, event []byte) []byte {
	if f == Newline {
		return appendLine(dst, event)
	}
	return appendFrame(dst, event)
}

// appendFrame writes one octet-counted frame of RFC 6587, section 3.4.1.
func appendFrame(dst, event []byte) []byte {
	dst = strconv.AppendInt(dst, int64(len(event)), 10)
	dst = append(dst, ' ')
	return append(dst, event...)
}

// appendLine writes one event and the line feed of RFC 6587, section 3.4.2. An
// event holds no line feed of its own. If one ever did, it could begin a second
// event that somebody else wrote, so it would become a space here.
func appendLine(dst, event []byte) []byte {
	start := len(dst)
	dst = append(dst, event...)
	for line := dst[start:]; ; {
		i := bytes.IndexByte(line, '\n')
		if i < 0 {
			return append(dst, '\n')
		}
		line[i] = ' '
		line = line[i+1:]
	}
}
