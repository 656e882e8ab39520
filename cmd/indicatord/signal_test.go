package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// A command that waits for its input ends at once when it is interrupted.
func TestInterruptEndsACommandThatWaitsForInput(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be interrupted on Windows")
	}
	cmd := exec.Command("indicatord", "pattern", "-")
	stdin, stdinErr := cmd.StdinPipe()
	stdout, stdoutErr := cmd.StdoutPipe()
	if err := errors.Join(stdinErr, stdoutErr, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	_, writeErr := io.WriteString(stdin, "[domain-name:value = 'bad.example']\n")
	answer, readErr := bufio.NewReader(stdout).ReadString('\n')
	if err := errors.Join(writeErr, readErr); err != nil || !strings.Contains(answer, `"valid":true`) {
		t.Errorf("the answer is %q, %v", answer, err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Errorf("it ended with %v, want the signal", err)
	}
}
