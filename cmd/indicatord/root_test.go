package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// eachCommand calls check for each of our own commands.
func eachCommand(t *testing.T, check func(*testing.T, *cobra.Command)) {
	for _, cmd := range newRootCommand().Commands() {
		t.Run(cmd.Name(), func(t *testing.T) { check(t, cmd) })
	}
}

func TestEachCommandShowsAnExample(t *testing.T) {
	eachCommand(t, func(t *testing.T, cmd *cobra.Command) {
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("the short description is %q, want one without a full stop", cmd.Short)
		}
		for line := range strings.Lines(cmd.Example) {
			if !strings.HasPrefix(line, "  ") || !strings.Contains(line, "indicatord "+cmd.Name()) {
				t.Errorf("the example %q does not run the command, or is not set in by two spaces", line)
			}
		}
		if cmd.Example == "" {
			t.Error("there is no example")
		}
	})
}

func TestNoCommandHidesTheHookOfTheRoot(t *testing.T) {
	eachCommand(t, func(t *testing.T, cmd *cobra.Command) {
		if cmd.PersistentPreRun != nil || cmd.PersistentPreRunE != nil {
			t.Error("with a PersistentPreRun, its errors pass for mistakes of the command line")
		}
	})
}

func TestExecuteTellsAnErrorOnce(t *testing.T) {
	tests := []struct {
		name   string
		args   []string
		err    error
		status int
		stderr string
	}{
		{"no error", nil, nil, 0, ""},
		{"plain", nil, errors.New("the hub is away"), 1, "indicatord: the hub is away\n"},
		{"with a status", nil, misused(errors.New("two errors")), 2, "indicatord: two errors\n"},
		{"all is said", nil, exitSilently(1), 1, ""},
		{"command line", []string{"--no-such-flag"}, nil, 2, "indicatord: unknown flag: --no-such-flag\nRun \"test --help\" for how to use it.\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cmd := &cobra.Command{Use: "test", SilenceErrors: true, SilenceUsage: true, RunE: func(*cobra.Command, []string) error { return tt.err }}
			cmd.SetArgs(tt.args)
			var stderr bytes.Buffer
			if status := execute(context.Background(), cmd, &stderr); status != tt.status {
				t.Errorf("the status is %d, want %d", status, tt.status)
			}
			if stderr.String() != tt.stderr {
				t.Errorf("standard error has %q, want %q", stderr.String(), tt.stderr)
			}
		})
	}
}

func TestExitErrorKeepsItsCause(t *testing.T) {
	if err := misused(context.Canceled); !errors.Is(err, context.Canceled) || err.Error() != context.Canceled.Error() {
		t.Errorf("the error is %v, want it to be and to read like its cause", err)
	}
	if text := exitSilently(statusFailed).Error(); text != "" {
		t.Errorf("a silent error reads %q", text)
	}
}
