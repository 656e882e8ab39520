package lifetest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/store"
)

// histories is how many an ordinary run draws; -rapid.checks says otherwise.
const histories = "300"

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", histories); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// TestEveryToolHoldsWhatTheModelShows draws histories with all that may happen
// in the life of an indicator.
func TestEveryToolHoldsWhatTheModelShows(t *testing.T) {
	inMemory(t)
	empty := emptyState(t)
	makeWhatIsShared(t, empty)
	rapid.Check(t, func(r *rapid.T) {
		h := drawHistory(r)
		var err error
		// In a bubble a page that comes late costs no time, and what is stored
		// together is the same in every run.
		synctest.Test(t, func(t *testing.T) { err = h.run(t.Context(), stateDirectory(t, empty)) })
		if err != nil {
			r.Fatalf("%s\n%v", h, err)
		}
	})
}

// inMemory puts temporary directories into memory where that is known to be
// possible: most of the time of a history is spent on waiting for a disk.
func inMemory(t *testing.T) {
	const shared = "/dev/shm"
	if info, err := os.Stat(shared); err == nil && info.IsDir() {
		t.Setenv("TMPDIR", shared)
	}
}

// emptyState returns a directory with a store that holds nothing. To copy one is
// faster than to make one.
func emptyState(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := store.Open(t.Context(), dir)
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func stateDirectory(t *testing.T, empty string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.CopyFS(dir, os.DirFS(empty)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// makeWhatIsShared runs one short history outside of a bubble: what is made once
// for the whole process must not belong to the first bubble.
func makeWhatIsShared(t *testing.T, empty string) {
	t.Helper()
	f := &fact{object: 1, terms: []term{{value: values[0]}}, from: absent, until: absent, confidence: absent}
	h := history{
		settings: settings{sources: map[string]sourceSettings{}, outputs: map[string]outputSettings{}},
		steps:    []step{publish{"alpha", []published{f}}, pull{source: "alpha", size: 1, cut: -1, late: -1, most: -1}},
	}
	for _, name := range sourceNames {
		h.settings.sources[name] = sourceSettings{unmarked: "amber", bareDomains: "exact"}
	}
	for _, name := range outputNames {
		h.settings.outputs[name] = outputSettings{unstated: absent}
	}
	if err := h.run(t.Context(), stateDirectory(t, empty)); err != nil {
		t.Fatalf("%s\n%v", h, err)
	}
}
