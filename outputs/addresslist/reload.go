package addresslist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/plugin"
)

// Reload is a command that tells the reader of a new list.
type Reload struct {
	// Command is the program and its arguments. No shell reads them.
	Command []string `yaml:"command"`
	// Timeout is how long the command may take.
	Timeout time.Duration `yaml:"timeout"`
	// AtMostEvery is the least time between two runs. A list that is new before it
	// has passed waits.
	AtMostEvery time.Duration `yaml:"at_most_every"`
	// RestoreOnFailure puts the previous list back where the command fails.
	RestoreOnFailure bool `yaml:"restore_on_failure"`
}

func (r *Reload) check(previous bool) error {
	var problems []error
	if len(r.Command) > 0 && !filepath.IsAbs(r.Command[0]) {
		problems = append(problems, plugin.Fieldf("reload.command", "%q is not the absolute path of a program", r.Command[0]))
	}
	if r.Timeout <= 0 {
		problems = append(problems, plugin.Fieldf("reload.timeout", "%s is no time that a command could take", r.Timeout))
	}
	if r.AtMostEvery < 0 {
		problems = append(problems, plugin.Fieldf("reload.at_most_every", "%s is less than nothing", r.AtMostEvery))
	}
	if r.RestoreOnFailure && !previous {
		problems = append(problems, plugin.Fieldf("reload.restore_on_failure", "needs keep_previous: there is no previous list otherwise"))
	}
	return errors.Join(problems...)
}

// dueName is the file in the directory of the output that is there while the
// reader has not taken the list that lies in its place.
const dueName = "reload-due"

// maxSaid bounds what is repeated of a command's output.
const maxSaid = 2000

// reloader runs the command of an output.
type reloader struct {
	Reload
	state string
	last  time.Time
	due   bool // in memory, where there is no directory for it
}

func newReloader(settings Reload, state string) *reloader {
	return &reloader{Reload: settings, state: state}
}

func (r *reloader) wanted() bool { return len(r.Command) > 0 }

// probe reports whether the program is there.
func (r *reloader) probe() error {
	if !r.wanted() {
		return nil
	}
	if _, err := exec.LookPath(r.Command[0]); err != nil {
		return fmt.Errorf("looking for the reload command: %w", err)
	}
	return nil
}

// isDue reports whether the reader has not taken the list yet, though it lies in
// its place. That holds over a restart.
func (r *reloader) isDue() (bool, error) {
	if r.due || r.state == "" || !r.wanted() {
		return r.due, nil
	}
	_, err := os.Stat(filepath.Join(r.state, dueName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// mark notes that the reader has to be told.
func (r *reloader) mark() error {
	r.due = r.wanted()
	if !r.due || r.state == "" {
		return nil
	}
	if err := os.MkdirAll(r.state, 0o750); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.state, dueName), nil, 0o640)
}

func (r *reloader) unmark() error {
	r.due = false
	if r.state == "" {
		return nil
	}
	err := os.Remove(filepath.Join(r.state, dueName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// tooSoon returns how long the next run has to wait, 0 if it need not.
func (r *reloader) tooSoon(now time.Time) time.Duration {
	if r.last.IsZero() || !r.wanted() {
		return 0
	}
	return max(0, r.AtMostEvery-now.Sub(r.last))
}

// run runs the command. The error tells what it printed.
func (r *reloader) run(ctx context.Context, now time.Time) error {
	r.last = now
	timed, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	cmd := exec.CommandContext(timed, r.Command[0], r.Command[1:]...)
	cmd.WaitDelay = time.Second // for what the command left running with its output open
	said := &tail{}
	cmd.Stdout, cmd.Stderr = said, said
	isolate(cmd)
	err := cmd.Run()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // it ended well; a child of it goes on
	}
	switch {
	case err == nil:
		return r.unmark()
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case timed.Err() != nil:
		err = fmt.Errorf("did not end within %s", r.Timeout)
	}
	return fmt.Errorf("the reload command %s: %w%s", strings.Join(r.Command, " "), err, said)
}

// tail keeps the end of what a command prints.
type tail struct{ text []byte }

// Write keeps the end.
func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if extra := len(t.text) - maxSaid; extra > 0 {
		t.text = t.text[extra:]
	}
	return len(p), nil
}

// String returns what was printed on one line, to stand after an error.
func (t *tail) String() string {
	text := strings.Join(strings.Fields(string(bytes.ToValidUTF8(t.text, []byte("?")))), " ")
	if text == "" {
		return ", and it printed nothing"
	}
	return ", and it printed: " + text
}
