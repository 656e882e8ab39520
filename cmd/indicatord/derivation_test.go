package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/indicatord/indicatord/internal/stix"
)

const objectText = `{"type":"indicator","spec_version":"2.1","id":"indicator--%d","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z",` +
	`"pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","pattern":"[domain-name:value = 'h%d.bad.example']","description":"%s"}`

// bundleOf returns a bundle of n indicators, made while it is read. The filler
// makes each of them larger.
func bundleOf(n int, filler string) io.Reader {
	return &bundleText{left: n, filler: filler, text: `{"type":"bundle","objects":[`}
}

type bundleText struct {
	made, left int
	filler     string
	text       string // what is to be read next
}

// Read reads the bundle.
func (b *bundleText) Read(p []byte) (int, error) {
	if b.text == "" {
		b.next()
	}
	if b.text == "" {
		return 0, io.EOF
	}
	n := copy(p, b.text)
	b.text = b.text[n:]
	return n, nil
}

func (b *bundleText) next() {
	switch {
	case b.left > 0:
		b.text = fmt.Sprintf(objectText, b.made, b.made, b.filler)
		if b.left > 1 {
			b.text += ","
		}
		b.made++
		b.left--
	case b.left == 0:
		b.text = "]}"
		b.left--
	}
}

func TestDerivationsKeepTheOrderOfTheBundle(t *testing.T) {
	for _, tt := range []struct {
		name   string
		n      int
		filler string
	}{
		{"none", 0, ""},
		{"less than a batch", 3, ""},
		{"batches that are full of objects", 10*batchObjects + 1, ""},
		{"batches that are full of bytes", 40, strings.Repeat("x", batchBytes/3)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seen := 0
			for d := range derivations(bundleOf(tt.n, tt.filler), stix.Options{}) {
				if want := fmt.Sprintf("indicator--%d", seen); d.unread != nil || d.derived.Header.ID != want {
					t.Fatalf("object %d is %q (%v), want %s", seen, d.derived.Header.ID, d.unread, want)
				}
				seen++
			}
			if seen != tt.n {
				t.Errorf("there are %d objects, want %d", seen, tt.n)
			}
		})
	}
}

func TestDerivationsEndWithTheErrorOfTheBundle(t *testing.T) {
	broken := errors.New("broken disk")
	objects, unread := 0, error(nil)
	half := io.MultiReader(io.LimitReader(bundleOf(1000, ""), 100_000), failing{broken})
	for d := range derivations(half, stix.Options{}) {
		if unread != nil {
			t.Fatal("there is more after the error")
		}
		if unread = d.unread; unread == nil {
			objects++
		}
	}
	if objects == 0 || !errors.Is(unread, broken) {
		t.Errorf("after %d objects the error is %v, want some, and %v", objects, unread, broken)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestDerivationsLeaveNothingRunning(t *testing.T) {
	defer goleak.VerifyNone(t)
	for stopAt := range 3 {
		seen := 0
		for range derivations(bundleOf(100*batchObjects, ""), stix.Options{}) {
			if seen++; seen > stopAt*batchObjects {
				break
			}
		}
	}
	for range derivations(bundleOf(10, ""), stix.Options{}) {
	}
}
