package atomicfile

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestReplaceKeepsTheLabel(t *testing.T) {
	const label = "system_u:object_r:named_zone_t:s0"
	path := filepath.Join(t.TempDir(), "list")
	write(t, path, "old\n", 0o644)
	if err := unix.Setxattr(path, labelAttribute, []byte(label), 0); err != nil {
		t.Skipf("a label cannot be set here: %v", err)
	}
	for range 2 {
		if _, err := Replace(path, 0o644, content("new\n")); err != nil {
			t.Fatal(err)
		}
		got, err := readLabel(func(to []byte) (int, error) { return unix.Getxattr(path, labelAttribute, to) })
		if err != nil || got != label {
			t.Errorf("the label is %q (%v), want %q", got, err, label)
		}
	}
}
