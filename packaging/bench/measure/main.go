// Measure runs a command and prints, on standard error, how long it took, how
// much processor time it used, and the most memory it held. It ends with the
// command's own exit code.
//
//	measure COMMAND [ARGUMENT...]
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: measure COMMAND [ARGUMENT...]")
		os.Exit(2)
	}
	command := exec.Command(os.Args[1], os.Args[2:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	os.Exit(run(command, os.Stderr))
}

// run runs the command and returns its exit code: 127 if it could not be
// started, and 128 if a signal ended it.
func run(command *exec.Cmd, report io.Writer) int {
	begin := time.Now()
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(report, "measure:", err)
		return 127
	}
	fmt.Fprintln(report, figures(command.ProcessState, time.Since(begin)))
	if code := command.ProcessState.ExitCode(); code >= 0 {
		return code
	}
	return 128
}

// figures writes one line of "name=value" pairs: seconds, and mebibytes.
func figures(state *os.ProcessState, elapsed time.Duration) string {
	line := fmt.Sprintf("seconds=%.2f user=%.2f system=%.2f",
		elapsed.Seconds(), state.UserTime().Seconds(), state.SystemTime().Seconds())
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		const kibibytesPerMebibyte = 1024 // Linux counts Maxrss in KiB
		line += fmt.Sprintf(" peak_rss_mib=%d", usage.Maxrss/kibibytesPerMebibyte)
	}
	return line
}
