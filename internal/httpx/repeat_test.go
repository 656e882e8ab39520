package httpx

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A body can be had as often as it takes, and is not read beforehand where it can
// be had again already.
func TestRepeatableBodies(t *testing.T) {
	const text = "twenty years of alarms"
	for _, tt := range []struct {
		name   string
		body   io.Reader
		copied bool
	}{
		{"bytes", bytes.NewReader([]byte(text)), false},
		{"a buffer", bytes.NewBufferString(text), false},
		{"a text", strings.NewReader(text), false},
		{"a stream", io.MultiReader(strings.NewReader(text)), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1", tt.body)
			if err != nil {
				t.Fatal(err)
			}
			length := req.ContentLength
			again, err := repeatable(req)
			if err != nil {
				t.Fatal(err)
			}
			if again.ContentLength != length {
				t.Errorf("ContentLength = %d, want %d", again.ContentLength, length)
			}
			for range 2 {
				if got, err := again.BodyBytes(); err != nil || string(got) != text {
					t.Errorf("body = %q, %v", got, err)
				}
			}
			if left, err := io.ReadAll(tt.body); err != nil || (len(left) == 0) != tt.copied {
				t.Errorf("%d bytes of the body are left, %v; copied = %t", len(left), err, tt.copied)
			}
		})
	}
}
