package servedlist_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/servedlist"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func announce(t *testing.T, path, sum string, at time.Time, entries int) {
	t.Helper()
	if err := servedlist.Announce(path, servedlist.Version{SHA256: sum, Modified: at, Entries: entries}, false); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) servedlist.Record {
	t.Helper()
	record, err := servedlist.ReadRecord(path)
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// TestARecordNamesTheNewestVersionsFirst, and so many that the one on the disk is
// among them after some attempts that were killed.
func TestARecordNamesTheNewestVersionsFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "edge")
	for i, sum := range strings.Fields("a b c d e f g h i j") {
		announce(t, path, sum, noon.Add(time.Duration(i)*time.Minute), i)
	}
	record := read(t, path)
	var sums []string
	for _, v := range record.Versions {
		sums = append(sums, v.SHA256)
	}
	if diff := cmp.Diff(strings.Fields("j i h g f e d c"), sums); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if v, found := record.Find("h"); !found || v.Entries != 7 || record.Newest().SHA256 != "j" {
		t.Errorf("h is found as %+v, %t", v, found)
	}
	if v, found := record.Find("a"); found {
		t.Errorf("the oldest is still there: %+v", v)
	}
}

// TestTheSameVersionIsNotAnnouncedAgain: its time stays, and the file is not
// written. The operator's consent alone is a change.
func TestTheSameVersionIsNotAnnouncedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "edge")
	announce(t, path, "a", noon.Add(time.Nanosecond), 3)
	old := noon.Add(-time.Hour)
	if err := os.Chtimes(servedlist.RecordPath(path), old, old); err != nil {
		t.Fatal(err)
	}
	announce(t, path, "a", noon.Add(time.Hour), 3)
	info, err := os.Stat(servedlist.RecordPath(path))
	if err != nil || !info.ModTime().Equal(old) {
		t.Errorf("the record was written again: %v, %v", info.ModTime(), err)
	}
	if err := servedlist.Announce(path, servedlist.Version{SHA256: "a", Modified: noon.Add(time.Hour), Entries: 3}, true); err != nil {
		t.Fatal(err)
	}
	want := servedlist.Record{AllowEmpty: true, Versions: []servedlist.Version{{SHA256: "a", Modified: noon, Entries: 3}}}
	if diff := cmp.Diff(want, read(t, path)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTimesRise whatever the clock does, by a whole second at least: that is all
// that If-Modified-Since can tell apart.
func TestTimesRise(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		path := filepath.Join(dir, "edge")
		_ = os.Remove(servedlist.RecordPath(path))
		for _, ms := range rapid.SliceOfN(rapid.IntRange(-100_000, 100_000), 2, 6).Draw(r, "clock in milliseconds") {
			sum := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(r, "content")
			v := servedlist.Version{SHA256: sum, Modified: noon.Add(time.Duration(ms) * time.Millisecond)}
			if err := servedlist.Announce(path, v, false); err != nil {
				r.Fatal(err)
			}
		}
		record, err := servedlist.ReadRecord(path)
		if err != nil {
			r.Fatal(err)
		}
		for i, v := range record.Versions[1:] {
			if newer := record.Versions[i]; newer.Modified.Sub(v.Modified) < time.Second || v.Modified.Nanosecond() != 0 {
				r.Fatalf("%s follows %s", newer.Modified, v.Modified)
			}
		}
	})
}

// TestADamagedRecord is an error that names the file, and the next announcement
// mends it. One that is missing is told apart.
func TestADamagedRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "edge")
	if _, err := servedlist.ReadRecord(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a record that is not there: %v", err)
	}
	for name, text := range map[string]string{
		"empty": "", "half": `{"allow_empty":tr`, "no version": `{}`, "not an object": `[1]`, "the end of time": `{"versions":[{"modified":"9999-12-31T23:59:59Z"}]}`,
		"too long": `{"versions":[` + strings.Repeat(" ", 70_000) + `]}`,
	} {
		if err := os.WriteFile(servedlist.RecordPath(path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := servedlist.ReadRecord(path); err == nil || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), servedlist.RecordPath(path)) {
			t.Errorf("%s: %v", name, err)
		}
		announce(t, path, "a", noon, 1)
		if record := read(t, path); record.Newest().SHA256 != "a" {
			t.Errorf("%s: mended to %+v", name, record)
		}
	}
}

// FuzzReadRecord: whatever lies in the place of a record gives a version or an
// error.
func FuzzReadRecord(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"versions":[{"sha256":"a","modified":"2026-06-01T12:00:00Z","entries":-1}]}`, `{"versions":null}`, `{"versions":[{}]}`, `{"versions":[{"modified":"9999-12-31T23:59:59Z"}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "edge")
		if err := os.WriteFile(servedlist.RecordPath(path), text, 0o600); err != nil {
			t.Fatal(err)
		}
		if record, err := servedlist.ReadRecord(path); err == nil {
			record.Find(record.Newest().SHA256)
		}
		if err := servedlist.Announce(path, servedlist.Version{SHA256: "new", Modified: noon}, false); err != nil {
			t.Fatal(err)
		}
		if record, err := servedlist.ReadRecord(path); err != nil || record.Newest().SHA256 != "new" {
			t.Errorf("after the next version: %+v, %v", record, err)
		}
	})
}
