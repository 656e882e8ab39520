//go:build real && linux

package main

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/config"
)

// TestAFullDiskFailsThePullAndNothingElse gives the state a small file system of
// its own, fills it, and makes room again.
func TestAFullDiskFailsThePullAndNothingElse(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can mount a file system")
	}
	const objects = 4000
	l := newLineOf(t, 500)
	c := l.load()
	c.Outputs[0].ChangeBudget.Added = new(config.Count(objects))
	if err := os.Mkdir(c.State, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", c.State, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("no file system of 8 MiB can be mounted: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(c.State, 0); err != nil {
			t.Error(err)
		}
	}()
	l.put(addressObject(0, 0, ""), addressObject(1, 0, ""))
	if err := l.once(c); err != nil {
		t.Fatal(err)
	}
	filler := c.State + "/filler"
	l.fill(filler)
	for n := range objects {
		l.put(addressObject(n, 1, ""))
	}
	err := l.once(c)
	if err == nil || !strings.Contains(err.Error(), "connector hub: ") {
		t.Fatalf("the round on a full disk ended with %v", err)
	}
	t.Logf("the error is %v", err)
	if got := l.read("list.txt"); got != addresses(2) {
		t.Errorf("the list has %d lines now, want what was enforced before", strings.Count(got, "\n"))
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if err := l.once(c); err != nil {
		t.Fatalf("the round after there is room: %v", err)
	}
	if got := l.read("list.txt"); got != addresses(objects) {
		t.Errorf("the list has %d lines in the end, want %d", strings.Count(got, "\n"), objects)
	}
	l.inspect(c, func(i admin.Inspector) {
		if ledger, err := l.ledger(i.Store); err != nil || ledger != addresses(objects) {
			t.Errorf("the ledger differs from the list (%v)", err)
		}
	})
}

// fill writes a file until the disk has no more than a little room.
func (l *line) fill(path string) {
	l.t.Helper()
	f, err := os.Create(path)
	if err != nil {
		l.t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	info, err := f.Stat()
	if err == nil {
		err = f.Truncate(info.Size() - 128<<10)
	}
	if err != nil {
		l.t.Fatal(err)
	}
}
