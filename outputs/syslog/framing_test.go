package syslog

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFraming(t *testing.T) {
	for _, tt := range []struct {
		framing     Framing
		event, want string
	}{
		{Octets, "<134>1 - x", "10 <134>1 - x"},
		{Octets, "<134>1 工控", "13 <134>1 工控"},
		{Newline, "<134>1 - x", "<134>1 - x\n"},
		{Newline, "<134>1 - x\n<0>1 - forged\n", "<134>1 - x <0>1 - forged \n"},
	} {
		if got := tt.framing.appendFramed([]byte("before "), []byte(tt.event)); string(got) != "before "+tt.want {
			t.Errorf("%s: %q, want %q", tt.framing, got, "before "+tt.want)
		}
	}
}

// TestFramesAreReadAsTheyWereWritten: whatever the events hold, a receiver sees
// as many as there were, and with octets it sees them exactly.
func TestFramesAreReadAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOf(rapid.SliceOfN(rapid.Byte(), 1, 200)).Draw(t, "events")
		var octets, lines []byte
		for _, event := range events {
			octets = Octets.appendFramed(octets, event)
			lines = Newline.appendFramed(lines, event)
		}
		in := bufio.NewReader(bytes.NewReader(octets))
		for _, event := range events {
			if got, err := readFrame(in); err != nil || got != string(event) {
				t.Fatalf("read %q, %v, want %q", got, err, event)
			}
		}
		if n := strings.Count(string(lines), "\n"); n != len(events) {
			t.Fatalf("%d lines of %d events", n, len(events))
		}
	})
}
