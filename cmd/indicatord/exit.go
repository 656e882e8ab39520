package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// The exit statuses of the program, beside 0.
const (
	// statusFailed says that something was tried and failed, or that the answer
	// is no.
	statusFailed = 1
	// statusUsage says that nothing was tried, because the command line or the
	// configuration is wrong.
	statusUsage = 2
)

// exitError is an error that decides the exit status. Without a cause there is
// nothing left to be said.
type exitError struct {
	status int
	cause  error
}

func (e *exitError) Error() string {
	if e.cause == nil {
		return ""
	}
	return e.cause.Error()
}

func (e *exitError) Unwrap() error { return e.cause }

// exitSilently ends a command whose output has told why.
func exitSilently(status int) error { return &exitError{status: status} }

// misused ends a command with an error for which nothing was tried.
func misused(cause error) error { return &exitError{status: statusUsage, cause: cause} }

// execute runs the command line and returns the exit status of the program. It
// is the one place that writes the error of a command.
func execute(ctx context.Context, root *cobra.Command, stderr io.Writer) int {
	begun := false
	root.PersistentPreRun = func(*cobra.Command, []string) { begun = true }
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if !begun { // what fails before a command begins is the command line
		report(stderr, err)
		fmt.Fprintf(stderr, "Run \"%s --help\" for how to use it.\n", cmd.CommandPath())
		return statusUsage
	}
	var exit *exitError
	if !errors.As(err, &exit) {
		report(stderr, err)
		return statusFailed
	}
	if exit.cause != nil {
		report(stderr, exit.cause)
	}
	return exit.status
}

// report writes an error for the person at the terminal.
func report(stderr io.Writer, err error) {
	fmt.Fprintf(stderr, "indicatord: %s\n", strings.TrimSpace(err.Error()))
}
