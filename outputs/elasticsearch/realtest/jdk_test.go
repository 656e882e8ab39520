package realtest

import (
	"os"
	"path/filepath"
	"testing"
)

func TestJDKVersion(t *testing.T) {
	for _, tt := range []struct {
		name, release string
		want          int
	}{
		{"Debian's", "IMPLEMENTOR=\"Debian\"\nJAVA_VERSION=\"17.0.15\"\n", 17},
		{"a first release", "JAVA_VERSION=\"25\"\n", 25},
		{"before version 9", "JAVA_VERSION=\"1.8.0_412\"\n", 1},
		{"without a version", "IMPLEMENTOR=\"Debian\"\n", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			if got := jdkVersion(home); got != 0 {
				t.Errorf("an empty folder has the version %d", got)
			}
			if err := os.WriteFile(filepath.Join(home, "release"), []byte(tt.release), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := jdkVersion(home); got != 0 {
				t.Errorf("a runtime without a compiler has the version %d", got)
			}
			if err := os.MkdirAll(filepath.Join(home, "bin", "javac"), 0o700); err != nil {
				t.Fatal(err)
			}
			if got := jdkVersion(home); got != tt.want {
				t.Errorf("jdkVersion = %d, want %d", got, tt.want)
			}
			t.Setenv("JAVA_HOME", home)
			if got, found := findJDK(max(tt.want, 1)); tt.want > 0 && (!found || got != home) {
				t.Errorf("findJDK = %q, %t, want %q", got, found, home)
			}
		})
	}
}
