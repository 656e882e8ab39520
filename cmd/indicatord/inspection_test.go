package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/stix"
)

// inspect returns what an inspection of one file writes.
func inspect(t testing.TB, r io.Reader) (stdout, stderr string, i *inspection) {
	t.Helper()
	var out, problems bytes.Buffer
	i = newInspection(&out, &problems, stix.Options{})
	i.bundle("file", r)
	if err := i.out.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String(), problems.String(), i
}

func TestInspectionGoesOnAfterAnObjectThatIsTooLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("reads an object of 64 MiB")
	}
	huge := `{"id":"x--1","list":[` + strings.Repeat(`"`+strings.Repeat("x", 1<<20)+`",`, 65) + `""]}`
	stdout, stderr, i := inspect(t, strings.NewReader(`{"objects":[`+huge+`,{"type":"indicator","id":"indicator--1","revoked":true}]}`))
	if !strings.Contains(stdout, `"object_id":"indicator--1"`) {
		t.Errorf("the next object gives %q", stdout)
	}
	if !i.unread || !strings.Contains(stderr, "file: object 1: the object is too large") {
		t.Errorf("the large one is told as %q", stderr)
	}
}

func TestInspectionTellsPlacesWithoutControlCharacters(t *testing.T) {
	_, stderr, i := inspect(t, strings.NewReader("{\"objects\":[{\"\\u001b[31m"+strings.Repeat("x", 1000)+"\":}]}"))
	if !i.unread || strings.ContainsRune(stderr, 0x1b) || len(stderr) > 300 {
		t.Errorf("the place is told as %q", stderr)
	}
}

var errFull = errors.New("no space left on device")

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestInspectionStopsWhenItCannotWrite(t *testing.T) {
	i := newInspection(fullDisk{}, io.Discard, stix.Options{})
	bundle := &bundleText{left: 1_000_000, text: `{"objects":[`}
	i.bundle("file", bundle)
	if err := i.out.Flush(); !errors.Is(err, errFull) {
		t.Errorf("the error is %v, want %v", err, errFull)
	}
	if written := i.summary.objects["indicator"]; written > 10_000 {
		t.Errorf("%d objects are derived for a disk that is full", written)
	}
}

// heapWatch notes how large the heap grows while a file is read.
type heapWatch struct {
	r     io.Reader
	reads int
	most  uint64
}

// Read reads from the reader below.
func (w *heapWatch) Read(p []byte) (int, error) {
	if w.reads++; w.reads%500 == 0 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		w.most = max(w.most, stats.HeapAlloc)
	}
	return w.r.Read(p)
}

func TestInspectionStreams(t *testing.T) {
	const objects, size = 20_000, 2 << 10
	const most = 32 << 20
	runtime.GC() // the garbage of other tests is none of its own
	watch := &heapWatch{r: bundleOf(objects, strings.Repeat("x", size))}
	i := newInspection(io.Discard, io.Discard, stix.Options{})
	i.bundle("file", watch)
	if got := i.summary.values["domain"]; got != objects {
		t.Errorf("%d values are found, want %d", got, objects)
	}
	if watch.most > most {
		t.Errorf("the heap grows to %d MiB for a file of %d MiB, want at most %d MiB", watch.most>>20, objects*size>>20, most>>20)
	}
}

// FuzzInspection holds every line to its form, whatever a file has in it.
func FuzzInspection(f *testing.F) {
	f.Add([]byte(`{"objects":[{"type":"indicator","id":"indicator--1","pattern":"[ipv4-addr:value = '8.8.4.4']"},17,{"id":""}]}`))
	f.Add([]byte(`{"type":"bundle","objects":[{"type":"indicator","id":"i","revoked":true,"pattern":"["}`))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, file []byte) {
		stdout, stderr, i := inspect(t, bytes.NewReader(file))
		for line := range strings.Lines(stdout) {
			checkLine(t, line)
		}
		if i.unread != (stderr != "") {
			t.Errorf("the file is unread: %t, but standard error has %q", i.unread, stderr)
		}
	})
}

// checkLine checks that a line tells either a value or a reject.
func checkLine(t *testing.T, line string) {
	t.Helper()
	var got struct {
		ObjectID                               *string `json:"object_id"`
		Kind, Value, Exactness, Reject, Detail string
	}
	if err := json.Unmarshal([]byte(line), &got); err != nil || got.ObjectID == nil {
		t.Fatalf("a line is %q: %v", line, err)
	}
	value := got.Kind != "" && got.Exactness != ""
	reject := got.Reject != "" && got.Detail != ""
	if value == reject {
		t.Errorf("a line is %q, neither a value nor a reject", line)
	}
}

func BenchmarkInspect(b *testing.B) {
	const objects = 20_000
	var bundle bytes.Buffer
	if _, err := bundle.ReadFrom(bundleOf(objects, strings.Repeat("x", 350))); err != nil {
		b.Fatal(err)
	}
	spendMemory()
	b.SetBytes(int64(bundle.Len()))
	b.ReportAllocs()
	for b.Loop() {
		i := newInspection(io.Discard, os.Stderr, stix.Options{})
		i.bundle("bundle", bytes.NewReader(bundle.Bytes()))
	}
	b.ReportMetric(float64(b.N)*objects/b.Elapsed().Seconds(), "objects/s")
}
