//go:build unix

package addresslist

import (
	"os/exec"
	"syscall"
)

// isolate gives the command a process group of its own, so that a time-out ends
// its children too.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
