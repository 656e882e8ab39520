package addresslist

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/atomicfile"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// asReader is the first argument with which the test binary is the reload command
// of a list. The second is the file that says how it goes, the third the list, and
// the fourth the file in which it notes what it read.
const asReader = "as-reader"

func TestMain(m *testing.M) {
	if len(os.Args) == 5 && os.Args[1] == asReader {
		os.Exit(readAgain(os.Args[2], os.Args[3], os.Args[4]))
	}
	os.Exit(m.Run())
}

// readAgain is a reader that reads its list again.
func readAgain(mood, list, notes string) (code int) {
	switch how, _ := os.ReadFile(mood); string(how) {
	case "refuse":
		fmt.Println("line 7: no such")
		fmt.Fprintln(os.Stderr, "colour")
		return 3
	case "hang":
		time.Sleep(time.Minute)
	}
	text, err := os.ReadFile(list)
	if err == nil {
		err = os.WriteFile(notes, text, 0o600)
	}
	if err != nil {
		return 1
	}
	return 0
}

// reader is a reader with a reload command.
type reader struct {
	t           *testing.T
	settings    *Settings
	state       string
	mood, notes string
	output      outputs.Output
	now         time.Time
}

func newReader(t *testing.T, change func(*Reload)) *reader {
	t.Helper()
	dir := t.TempDir()
	r := &reader{
		t: t, settings: inDialect(t, "plain"), state: filepath.Join(dir, "state"),
		mood: filepath.Join(dir, "mood"), notes: filepath.Join(dir, "notes"), now: outputtest.Now,
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r.settings.Reload.Command = []string{self, asReader, r.mood, r.settings.Path, r.notes}
	if change != nil {
		change(&r.settings.Reload)
	}
	if err := r.settings.Validate(); err != nil {
		t.Fatal(err)
	}
	r.restart()
	return r
}

// restart opens the output anew.
func (r *reader) restart() {
	r.t.Helper()
	output, err := r.settings.Open(plugin.Env{Name: "edge", State: r.state})
	if err != nil {
		r.t.Fatal(err)
	}
	r.output = output
}

func (r *reader) feels(mood string) {
	r.t.Helper()
	if err := os.WriteFile(r.mood, []byte(mood), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *reader) deliver(values ...string) error {
	d := delivery(entries(indicator.IP, values...)...)
	d.Now = r.now
	_, err := r.output.Deliver(r.t.Context(), d)
	return err
}

// wants checks what lies in the list's place and what the reader has read of it.
func (r *reader) wants(list, read string) {
	r.t.Helper()
	for path, want := range map[string]string{r.settings.Path: list, r.notes: read} {
		got, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			r.t.Fatal(err)
		}
		if text := strings.Join(strings.Fields(string(got)), " "); text != want {
			r.t.Errorf("%s holds %q, want %q", filepath.Base(path), text, want)
		}
	}
}

func TestReaderIsToldOfANewList(t *testing.T) {
	r := newReader(t, nil)
	if err := r.deliver("45.155.7.9"); err != nil {
		t.Fatal(err)
	}
	r.wants("45.155.7.9", "45.155.7.9")
	_ = os.Remove(r.notes)
	if err := r.deliver("45.155.7.9"); err != nil {
		t.Fatal(err)
	}
	r.wants("45.155.7.9", "") // the same list is no news
}

func TestFailedReloadIsAFailedDelivery(t *testing.T) {
	r := newReader(t, nil)
	if err := r.deliver("45.155.7.9"); err != nil {
		t.Fatal(err)
	}
	r.feels("refuse")
	err := r.deliver("45.155.7.11")
	for _, want := range []string{asReader, "exit status 3", "it printed: line 7: no such colour"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error %v lacks %q", err, want)
		}
	}
	r.wants("45.155.7.11", "45.155.7.9")

	// The list lies in its place, and the reader still has to be told, even after
	// a restart.
	if err := r.deliver("45.155.7.11"); err == nil {
		t.Error("the second attempt went well")
	}
	r.restart()
	r.feels("")
	if err := r.deliver("45.155.7.11"); err != nil {
		t.Fatal(err)
	}
	r.wants("45.155.7.11", "45.155.7.11")
	if got, _ := os.ReadDir(r.state); len(got) != 0 {
		t.Errorf("the directory of the output still has %v", got)
	}
}

func TestPreviousListIsPutBack(t *testing.T) {
	r := newReader(t, func(reload *Reload) { reload.RestoreOnFailure = true })
	r.feels("refuse")
	if err := r.deliver("45.155.7.9"); err == nil || !strings.Contains(err.Error(), "has no previous version") {
		t.Errorf("the first list: %v", err)
	}
	r.feels("")
	if err := r.deliver("45.155.7.9"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		r.feels("refuse")
		if err := r.deliver("45.155.7.11"); err == nil || !strings.Contains(err.Error(), "the previous list is back in its place: the reload command") {
			t.Errorf("the error is %v", err)
		}
		r.wants("45.155.7.9", "45.155.7.9")
	}
	r.feels("")
	if err := r.deliver("45.155.7.11"); err != nil {
		t.Fatal(err)
	}
	r.wants("45.155.7.11", "45.155.7.11")
	if got := strings.TrimSpace(read(t, atomicfile.PreviousPath(r.settings.Path))); got != "45.155.7.9" {
		t.Errorf("the previous list is %q", got)
	}
}

func TestCommandThatHangsIsEnded(t *testing.T) {
	r := newReader(t, func(reload *Reload) { reload.Timeout = 200 * time.Millisecond })
	r.feels("hang")
	if err := r.deliver("45.155.7.9"); err == nil || !strings.Contains(err.Error(), "did not end within 200ms, and it printed nothing") {
		t.Errorf("the error is %v", err)
	}
}

func TestCommandEndsWithTheDelivery(t *testing.T) {
	r := newReader(t, nil)
	r.feels("hang")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := r.output.Deliver(ctx, delivery(entries(indicator.IP, "45.155.7.9")...)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
}

// TestReloadsKeepTheirDistance: a list that is new too early waits, and what lies
// in its place is what the reader has.
func TestReloadsKeepTheirDistance(t *testing.T) {
	r := newReader(t, func(reload *Reload) { reload.AtMostEvery = time.Minute })
	if err := r.deliver("45.155.7.9"); err != nil {
		t.Fatal(err)
	}
	r.now = r.now.Add(20 * time.Second)
	if err := r.deliver("45.155.7.11"); plugin.RetryAfter(err) != 40*time.Second {
		t.Errorf("the error is %v, want to wait 40 seconds", err)
	}
	r.wants("45.155.7.9", "45.155.7.9")
	if err := r.deliver("45.155.7.9"); err != nil {
		t.Errorf("the same list need not wait: %v", err)
	}
	r.now = r.now.Add(40 * time.Second)
	if err := r.deliver("45.155.7.11"); err != nil {
		t.Fatal(err)
	}
	r.wants("45.155.7.11", "45.155.7.11")
}

func TestProbeLooksForTheCommand(t *testing.T) {
	r := newReader(t, func(reload *Reload) { reload.Command = []string{"/nowhere/reload"} })
	if _, err := r.output.(outputs.Prober).Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "/nowhere/reload") {
		t.Errorf("Probe: %v", err)
	}
	if err := r.deliver("45.155.7.9"); err == nil || !strings.Contains(err.Error(), "/nowhere/reload") {
		t.Errorf("Deliver: %v", err)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	said := &tail{}
	for i := range 10_000 {
		fmt.Fprintf(said, "line %d\n", i)
	}
	if text := said.String(); len(text) > maxSaid+100 || !strings.HasSuffix(text, "line 9998 line 9999") {
		t.Errorf("kept is %q", text)
	}
}
