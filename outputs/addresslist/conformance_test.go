package addresslist

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

func TestConformance(t *testing.T) {
	outputtest.Run(t, outputtest.Suite{
		Spec: Spec(),
		New: func(t *testing.T) outputtest.Tool {
			dir := filepath.Join(t.TempDir(), "lists")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			settings := Spec().Settings().(*Settings)
			settings.Path = filepath.Join(dir, "list.txt")
			return outputtest.Tool{
				Settings: settings,
				Read:     func(t *testing.T) []indicator.Key { return readBack(t, settings.Path) },
				Break:    func(t *testing.T) func() { return hide(t, dir) },
			}
		},
	})
}

// hide moves the directory away, as an unmounted file system is.
func hide(t *testing.T, dir string) (mend func()) {
	t.Helper()
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Rename(dir+".away", dir); err != nil {
			t.Fatal(err)
		}
	}
}

// readBack reads the list as its readers do: by lines, which say of themselves
// what kind they are.
func readBack(t *testing.T, path string) []indicator.Key {
	t.Helper()
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) || len(data) == 0 {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	text, ended := strings.CutSuffix(string(data), "\n")
	if !ended {
		t.Fatalf("the list does not end with a newline")
	}
	var keys []indicator.Key
	for line := range strings.SplitSeq(text, "\n") {
		keys = append(keys, indicator.Key{Kind: guess(line), Value: line})
	}
	return keys
}

func guess(line string) indicator.Kind {
	_, notAddress := netip.ParseAddr(line)
	_, notPrefix := netip.ParsePrefix(line)
	hashes := map[int]indicator.Kind{32: indicator.MD5, 40: indicator.SHA1, 64: indicator.SHA256, 128: indicator.SHA512}
	switch hash, isHash := hashes[len(line)]; {
	case notAddress == nil || notPrefix == nil:
		return indicator.IP
	case strings.Contains(line, "/"):
		return indicator.URL
	case strings.Contains(line, "@"):
		return indicator.Email
	case isHash && strings.Trim(line, "0123456789abcdef") == "":
		return hash
	}
	return indicator.Domain
}
