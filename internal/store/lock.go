package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// LockedError says that another process has the state directory open.
type LockedError struct {
	Dir string
	// PID is the other process, 0 where it has not said.
	PID int
}

// Error names the directory and the process.
func (e *LockedError) Error() string {
	return fmt.Sprintf("the state directory %s is in use by the indicatord with process id %d: stop that one, or give this one a state directory of its own", e.Dir, e.PID)
}

// acquireLock takes the lock of dir and writes our process id into it. The
// kernel frees the lock with the process, however it ends.
func acquireLock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("locking the state directory: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		locked := &LockedError{Dir: dir, PID: readPID(f)}
		return nil, errors.Join(locked, f.Close())
	}
	if err == nil {
		err = writePID(f)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking the state directory: %w", err), f.Close())
	}
	return f, nil
}

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

func readPID(f *os.File) int {
	text, _ := io.ReadAll(io.LimitReader(f, 32))
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}

func releaseLock(f *os.File) error { return f.Close() }
