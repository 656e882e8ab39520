package file

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// open returns an output to a file in a new directory, and the file's path.
func open(t testing.TB, change func(*Output)) (*Output, string) {
	t.Helper()
	settings := Spec().Settings().(*Settings)
	settings.Path = filepath.Join(t.TempDir(), "indicators.ndjson")
	output, err := settings.Open(plugin.Env{Site: "plant-07", Name: "shipper", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(output.(*Output))
	}
	return output.(*Output), settings.Path
}

func deliver(t testing.TB, o *Output, changes ...outputs.Change) outputs.Receipt {
	t.Helper()
	receipt, err := o.Deliver(t.Context(), outputtest.NewDelivery(nil, changes))
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

// additions returns a change that adds each of the addresses.
func additions(addresses ...string) []outputs.Change {
	var entries []indicator.Entry
	for _, a := range addresses {
		entries = append(entries, outputtest.NewEntry(indicator.IP, a))
	}
	return outputtest.Additions(entries)
}

// TestLines compares the line of each operation with the golden file, in which
// the lines are indented.
func TestLines(t *testing.T) {
	o, path := open(t, nil)
	entry := outputtest.NewEntry(indicator.URL, "http://grid-portal.net/load?id=7&next=<8>")
	receipt := deliver(t, o,
		outputs.Change{Op: outputs.Add, Entry: entry},
		outputs.Change{Op: outputs.Update, Entry: entry},
		outputs.Change{Op: outputs.Remove, Entry: indicator.Entry{Key: entry.Key, Sequence: 2}, Reason: "expired"},
	)
	if diff := cmp.Diff(outputs.Receipt{Written: 3, Held: -1, Where: path}, receipt); diff != "" {
		t.Errorf("receipt (-want +got):\n%s", diff)
	}
	text := readText(t, path)
	if strings.Contains(text, `\u0026`) {
		t.Error("an ampersand is escaped, so that nobody finds it by its URL")
	}
	var got bytes.Buffer
	for l := range strings.Lines(text) {
		if err := json.Indent(&got, []byte(l), "", "  "); err != nil {
			t.Fatal(err)
		}
	}
	golden := filepath.Join("testdata", "lines.json")
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(readText(t, golden), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", golden, diff)
	}
}

func TestNothingToWriteMakesNoFile(t *testing.T) {
	o, path := open(t, nil)
	receipt := deliver(t, o)
	if receipt.Written != 0 {
		t.Errorf("receipt %+v", receipt)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file was made: %v", err)
	}
}

// TestHalfLineOfACrash checks that what a crash left costs no other line.
func TestHalfLineOfACrash(t *testing.T) {
	o, path := open(t, nil)
	half := `{"@timestamp":"2026-06-01T12:0`
	if err := os.WriteFile(path, []byte("{}\n"+half), 0o640); err != nil {
		t.Fatal(err)
	}
	deliver(t, o, additions("45.155.7.9")...)
	deliver(t, o, additions("45.155.7.10")...)
	lines := strings.Split(strings.TrimSuffix(readText(t, path), "\n"), "\n")
	if len(lines) != 4 || lines[0] != "{}" || lines[1] != half {
		t.Fatalf("the file has the lines %q", lines)
	}
	for _, l := range lines[2:] {
		if !json.Valid([]byte(l)) {
			t.Errorf("not a document: %s", l)
		}
	}
}

func TestModeOfANewFileAndOfAnOldOne(t *testing.T) {
	o, path := open(t, func(o *Output) { o.mode = 0o664 })
	deliver(t, o, additions("45.155.7.9")...)
	if got := modeOf(t, path); got != 0o664 {
		t.Errorf("mode %v of a new file, want 0664", got)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	o.rotation.maxSize = 1
	deliver(t, o, additions("45.155.7.10")...)
	if got := modeOf(t, path); got != 0o600 {
		t.Errorf("mode %v of the file after it, want that of the old one, 0600", got)
	}
}

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

// TestRotation writes lines that each fill a file.
func TestRotation(t *testing.T) {
	o, path := open(t, func(o *Output) { o.rotation.maxSize = 1; o.rotation.keep = 3 })
	deliver(t, o, additions("64.0.0.1", "64.0.0.2")...)
	if diff := cmp.Diff([]string{"64.0.0.1", "64.0.0.2"}, values(readLines(t, path))); diff != "" {
		t.Errorf("two files (-want +got):\n%s", diff)
	}
	deliver(t, o, additions("64.0.0.3", "64.0.0.4", "64.0.0.5", "64.0.0.6")...)
	want := []string{"64.0.0.3", "64.0.0.4", "64.0.0.5", "64.0.0.6"}
	if diff := cmp.Diff(want, values(readLines(t, path))); diff != "" {
		t.Errorf("the file and the three before it (-want +got):\n%s", diff)
	}
}

func values(lines []line) []string {
	var all []string
	for _, l := range lines {
		all = append(all, l.Threat.Indicator.Name)
	}
	return all
}

func TestRotationBySize(t *testing.T) {
	const maxSize = 20_000
	o, path := open(t, func(o *Output) { o.rotation.maxSize = maxSize; o.rotation.keep = 1000 })
	entries := outputtest.Entries(1, 300)
	for len(entries) > 0 {
		deliver(t, o, outputtest.Additions(entries[:50])...)
		entries = entries[50:]
	}
	paths, err := asides(path)
	if err != nil || len(paths) == 0 {
		t.Fatalf("set aside: %v, %v", paths, err)
	}
	for _, path := range append(paths, path) {
		if n := len(readText(t, path)); n == 0 || n > maxSize {
			t.Errorf("%s has %d bytes, want at most %d", filepath.Base(path), n, maxSize)
		}
	}
	if got := len(readLines(t, path)); got != 300 {
		t.Errorf("%d lines in all, want 300", got)
	}
}

// TestRotationSparesTheFilesOfOthers puts files beside that look alike.
func TestRotationSparesTheFilesOfOthers(t *testing.T) {
	o, path := open(t, func(o *Output) { o.rotation.maxSize = 1; o.rotation.keep = 1 })
	dir := filepath.Dir(path)
	others := []string{
		"indicators-2026.ndjson",
		"indicators-20260601T120000.000.txt",
		"others-20260601T120000.000.ndjson",
		"indicators.ndjson.1",
	}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	deliver(t, o, additions("64.0.0.1", "64.0.0.2", "64.0.0.3", "64.0.0.4")...)
	for _, name := range others {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestSetAsideNeverOverwrites(t *testing.T) {
	target := filepath.Join(t.TempDir(), "indicators.ndjson")
	for i := range 50 {
		if err := os.WriteFile(target, fmt.Append(nil, i), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := setAside(target); err != nil {
			t.Fatal(err)
		}
	}
	paths, err := asides(target)
	if err != nil || len(paths) != 50 {
		t.Errorf("%d files were set aside, want 50 (%v)", len(paths), err)
	}
}

func TestAsideName(t *testing.T) {
	at := time.Date(2026, 6, 1, 14, 0, 0, 5e6, time.FixedZone("", 7200))
	tests := map[string]string{
		"/log/indicators.ndjson": "/log/indicators-20260601T120000.005.ndjson",
		"/log/indicators":        "/log/indicators-20260601T120000.005",
		"/log/a.b.ndjson":        "/log/a.b-20260601T120000.005.ndjson",
	}
	for target, want := range tests {
		if got := asideName(target, at); got != want {
			t.Errorf("asideName(%q) = %q, want %q", target, got, want)
		}
	}
}

func TestCompression(t *testing.T) {
	o, path := open(t, func(o *Output) {
		o.rotation = rotation{maxSize: 1, keep: 10, compress: true}
		o.mode = 0o604
	})
	deliver(t, o, additions("64.0.0.1", "64.0.0.2", "64.0.0.3")...)
	paths, err := asides(path)
	if err != nil || len(paths) != 2 {
		t.Fatalf("set aside: %v, %v", paths, err)
	}
	for i, path := range paths {
		if !strings.HasSuffix(path, ".ndjson.gz") {
			t.Errorf("%s is not compressed", path)
		}
		if got := modeOf(t, path); got != 0o604 {
			t.Errorf("mode %v of the compressed file, want 0604", got)
		}
		if want := fmt.Sprintf(`"ip":"64.0.0.%d"`, i+1); !strings.Contains(decompressed(t, path), want) {
			t.Errorf("%s lacks %s", path, want)
		}
	}
}

func decompressed(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unzipped)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestTidyingFailureIsToldAndNoMore keeps a file from being removed: the lines
// are written, so the delivery has not failed.
func TestTidyingFailureIsToldAndNoMore(t *testing.T) {
	var log strings.Builder
	o, path := open(t, func(o *Output) {
		o.rotation = rotation{maxSize: 1, keep: 2, compress: true}
		o.log = slog.New(slog.NewTextHandler(&log, nil))
	})
	aside := asideName(path, time.Now().Add(-time.Hour))
	if err := errors.Join(os.WriteFile(aside, nil, 0o644), os.MkdirAll(filepath.Join(aside+gzipSuffix, "full"), 0o755)); err != nil {
		t.Fatal(err)
	}
	deliver(t, o, additions("64.0.0.1", "64.0.0.2")...)
	if !strings.Contains(log.String(), "is a directory") {
		t.Errorf("the log says %q", log.String())
	}
}

// TestFileMovedAway does what logrotate does.
func TestFileMovedAway(t *testing.T) {
	o, path := open(t, nil)
	deliver(t, o, additions("64.0.0.1")...)
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	deliver(t, o, additions("64.0.0.2")...)
	if diff := cmp.Diff([]string{"64.0.0.2"}, values(readLines(t, path))); diff != "" {
		t.Errorf("the new file (-want +got):\n%s", diff)
	}
}

func TestLinkStays(t *testing.T) {
	o, path := open(t, func(o *Output) { o.rotation.maxSize = 1 })
	elsewhere := filepath.Join(t.TempDir(), "real.ndjson")
	if err := os.Symlink(elsewhere, path); err != nil {
		t.Fatal(err)
	}
	deliver(t, o, additions("64.0.0.1", "64.0.0.2")...)
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone (%v)", err)
	}
	if got := len(readLines(t, elsewhere)); got != 2 {
		t.Errorf("%d lines where the link leads to, want 2", got)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	o, path := open(t, nil)
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	o.path = filepath.Join(filepath.Dir(path), "none", "indicators.ndjson")
	tests := []struct{ path, want string }{
		{path, "is a directory"},
		{o.path, "make the directory"},
	}
	for _, test := range tests {
		o.path = test.path
		_, err := o.Deliver(t.Context(), outputtest.NewDelivery(nil, additions("64.0.0.1")))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Deliver to %s: %v, want %q", test.path, err, test.want)
		}
	}
}

func TestValidate(t *testing.T) {
	right := Settings{Path: "/log/indicators.ndjson", MaxSize: 1, Keep: 1}
	tests := []struct {
		name  string
		wrong func(*Settings)
		want  string
	}{
		{"right", func(*Settings) {}, ""},
		{"no path", func(s *Settings) { s.Path = "" }, "path: is required"},
		{"relative path", func(s *Settings) { s.Path = "indicators.ndjson" }, "is not an absolute path"},
		{"directory", func(s *Settings) { s.Path = "/log/" }, "is a directory"},
		{"no size", func(s *Settings) { s.MaxSize = 0 }, "max_size: 0 is not in the range"},
		{"huge size", func(s *Settings) { s.MaxSize = 1 << 40 }, "max_size: "},
		{"keep nothing", func(s *Settings) { s.Keep = 0 }, "keep: 0 is not in the range"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := right
			test.wrong(&settings)
			err := settings.Validate()
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("Validate: %v, want %q", err, test.want)
			}
		})
	}
}

func BenchmarkDeliver(b *testing.B) {
	o, _ := open(b, nil)
	changes := outputtest.Additions(outputtest.Entries(1, 10_000))
	b.ReportAllocs()
	for b.Loop() {
		deliver(b, o, changes...)
	}
	b.ReportMetric(float64(b.N*len(changes))/b.Elapsed().Seconds(), "lines/s")
}
