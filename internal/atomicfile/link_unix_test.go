//go:build unix

package atomicfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestALinkOfAnotherUser decides only about that user's own files.
func TestALinkOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files to others")
	}
	const stranger = 12345
	dir := t.TempDir()
	theirs := filepath.Join(dir, "theirs")
	if err := os.Mkdir(theirs, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"ours", "theirs/list"} {
		if err := os.WriteFile(filepath.Join(dir, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"theirs", "theirs/list"} {
		if err := os.Chown(filepath.Join(dir, name), stranger, stranger); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name, to string
		maker    int
		refused  bool
	}{
		{"root's link to our file", "ours", 0, false},
		{"root's link to their file", "theirs/list", 0, false},
		{"their link to our file", "ours", stranger, true},
		{"their link to what could be our file", "new", stranger, true},
		{"their link to their file", "theirs/list", stranger, false},
		{"their link to what would be their file", "theirs/new", stranger, false},
		{"their link to somebody else's file", "theirs/list", stranger + 1, true},
	} {
		link := filepath.Join(dir, "link")
		_ = os.Remove(link)
		if err := os.Symlink(tc.to, link); err != nil {
			t.Fatal(err)
		}
		if err := os.Lchown(link, tc.maker, tc.maker); err != nil {
			t.Fatal(err)
		}
		_, err := Resolve(link)
		if refused := err != nil && strings.Contains(err.Error(), "is not theirs"); refused != tc.refused {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}
