package atomicfile

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// labelAttribute holds the SELinux context of a file.
const labelAttribute = "security.selinux"

// maxLabel is far above the length of any context.
const maxLabel = 4096

// matchLabel gives f the SELinux label of the file at path, where it has one.
func matchLabel(f *os.File, path string) error {
	want, err := readLabel(func(to []byte) (int, error) { return unix.Getxattr(path, labelAttribute, to) })
	if err != nil || want == "" {
		return err
	}
	have, err := readLabel(func(to []byte) (int, error) { return unix.Fgetxattr(int(f.Fd()), labelAttribute, to) })
	if err != nil || have == want {
		return err
	}
	if err := unix.Fsetxattr(int(f.Fd()), labelAttribute, []byte(want), 0); err != nil {
		return fmt.Errorf("keeping the SELinux label of %s: %w", path, err)
	}
	return nil
}

func readLabel(get func([]byte) (int, error)) (string, error) {
	label := make([]byte, maxLabel)
	n, err := get(label)
	switch {
	case errors.Is(err, unix.ENODATA) || errors.Is(err, unix.ENOTSUP):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("reading the SELinux label: %w", err)
	}
	return string(label[:n]), nil
}
