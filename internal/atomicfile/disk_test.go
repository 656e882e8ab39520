//go:build real && linux

package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReplaceOnARealFullDisk fills a small file system of its own.
func TestReplaceOnARealFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can mount a file system")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("no file system of 64 KiB can be mounted: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}()
	path := filepath.Join(dir, "list")
	if _, err := Replace(path, 0o644, content("old\n")); err != nil {
		t.Fatal(err)
	}
	_, err := Replace(path, 0o644, content(strings.Repeat("line\n", 100_000)))
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("Replace: %v, want that the disk is full", err)
	}
	if got := read(t, path); got != "old\n" {
		t.Errorf("the file holds %d bytes, want its old content", len(got))
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("the directory holds %v, want the file alone", got)
	}
	if _, err := Replace(path, 0o644, content("new\n")); err != nil {
		t.Errorf("once there is room: %v", err)
	}
}
