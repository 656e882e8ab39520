//go:build real && linux

package file

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/indicatord/indicatord/outputs/outputtest"
)

// TestFullDisk fills a small file system of its own in the middle of a delivery,
// and makes room again.
func TestFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can mount a file system")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("no file system of 1 MiB can be mounted: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}()
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 500_000), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "indicators.ndjson")
	o, _ := open(t, func(o *Output) { o.path = path })
	changes := outputtest.Additions(outputtest.Entries(1, 800))

	_, err := o.Deliver(t.Context(), outputtest.NewDelivery(nil, changes))
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "make room") {
		t.Fatalf("Deliver: %v, want that the disk is full and what to do", err)
	}
	if err := errors.Join(os.Remove(filler), os.Truncate(path, 1000)); err != nil {
		t.Fatal(err)
	}
	deliver(t, o, changes[:100]...)
	lines := strings.Split(strings.TrimSuffix(readText(t, path), "\n"), "\n")
	if len(lines) < 101 {
		t.Errorf("%d lines, want 100 after what was left of the first try", len(lines))
	}
}
