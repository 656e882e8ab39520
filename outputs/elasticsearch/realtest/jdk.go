package realtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// findJDK returns the home of a Java development kit of a version or a later
// one: that of JAVA_HOME or of the PATH if it will do, else any that is
// installed where Linux distributions put them.
func findJDK(oldest int) (home string, found bool) {
	candidates := []string{os.Getenv("JAVA_HOME")}
	if javac, err := exec.LookPath("javac"); err == nil {
		if javac, err = filepath.EvalSymlinks(javac); err == nil {
			candidates = append(candidates, filepath.Dir(filepath.Dir(javac)))
		}
	}
	installed, _ := filepath.Glob("/usr/lib/jvm/*") // the pattern is right
	for _, home := range append(candidates, installed...) {
		if jdkVersion(home) >= oldest {
			return home, true
		}
	}
	return "", false
}

var javaVersion = regexp.MustCompile(`(?m)^JAVA_VERSION="(\d+)`)

// jdkVersion is the version of the kit in a folder, 0 where there is none.
func jdkVersion(home string) int {
	if home == "" {
		return 0
	}
	if _, err := os.Stat(filepath.Join(home, "bin", "javac")); err != nil {
		return 0
	}
	release, err := os.ReadFile(filepath.Join(home, "release"))
	if err != nil {
		return 0
	}
	match := javaVersion.FindSubmatch(release)
	if match == nil {
		return 0
	}
	version, _ := strconv.Atoi(string(match[1])) // digits, and 0 where they are too many
	return version
}
