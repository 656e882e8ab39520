package main

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	line := regexp.MustCompile(`^seconds=\d+\.\d\d user=\d+\.\d\d system=\d+\.\d\d peak_rss_mib=\d+\n$`)
	tests := []struct {
		name   string
		args   []string
		want   int
		report *regexp.Regexp
	}{
		{"success", []string{"true"}, 0, line},
		{"the exit code is passed on", []string{"sh", "-c", "exit 3"}, 3, line},
		{"ended by a signal", []string{"sh", "-c", "kill -9 $$"}, 128, line},
		{"no such command", []string{"./no-such-command"}, 127, regexp.MustCompile(`^measure: .*no such file`)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var report strings.Builder
			if got := run(exec.Command(test.args[0], test.args[1:]...), &report); got != test.want {
				t.Errorf("exit code %d, want %d", got, test.want)
			}
			if !test.report.MatchString(report.String()) {
				t.Errorf("the report is %q", report.String())
			}
		})
	}
}
