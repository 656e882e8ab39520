package realtest

import (
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Release names what a node runs. Each is a folder below launcher.
type Release string

// The releases that can be started. Maven Central has no security module for
// any but Elasticsearch8.
const (
	Elasticsearch8 Release = "elasticsearch8" // 8.19.21
	Elasticsearch7 Release = "elasticsearch7" // 7.17.29
	OpenSearch2    Release = "opensearch2"    // 2.19.1
)

// launcher is a Maven project for each release, and run.sh.
//
//go:embed launcher
var launcher embed.FS

// script returns the path of a run.sh that starts the release without having to
// build anything. What is built stays in the user's cache until the launcher
// changes. Without a JDK and Maven the test is skipped, and so it is where the
// build fails, which it does without Maven Central; but with the variable CI set
// Elasticsearch8 has to be built.
func script(tb testing.TB, r Release) string {
	tb.Helper()
	for _, program := range []string{"java", "javac", "mvn"} {
		if _, err := exec.LookPath(program); err != nil {
			tb.Skipf("%s is not installed, so no real node can be started: apt-get install default-jdk-headless maven", program)
		}
	}
	path, err := built(r)
	switch {
	case err != nil && r == Elasticsearch8 && os.Getenv("CI") != "":
		tb.Fatalf("building the node: %v", err)
	case err != nil:
		tb.Skipf("a node of %s cannot be built here: %v", r, err)
	}
	return path
}

// built builds what is not in the cache yet. Two processes may build the same at
// once: one of them is first to move it where it belongs.
func built(r Release) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	stamp, err := digest()
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "indicatord-realtest")
	home := filepath.Join(cache, fmt.Sprintf("%s-%x", r, stamp[:8]))
	path := filepath.Join(home, "run.sh")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(cache, "building-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(work) }()
	if err := build(work, r); err != nil {
		return "", err
	}
	if err := os.Rename(work, home); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return path, nil
}

// digest changes with every change of the launcher.
func digest() ([]byte, error) {
	sum := sha256.New()
	err := fs.WalkDir(launcher, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(launcher, name)
		_, _ = fmt.Fprintf(sum, "%s %d %s", name, len(text), text)
		return err
	})
	return sum.Sum(nil), err
}

// build writes the launcher into a folder and builds one release there.
func build(folder string, r Release) error {
	files, err := fs.Sub(launcher, "launcher")
	if err != nil {
		return err
	}
	if err := os.CopyFS(folder, files); err != nil {
		return err
	}
	if said, err := exec.Command("sh", filepath.Join(folder, "run.sh"), string(r)).CombinedOutput(); err != nil {
		return fmt.Errorf("run.sh: %w: %s", err, tail(said))
	}
	return nil
}

// tail is the end of what a program said.
func tail(said []byte) []byte {
	const enough = 2000
	return said[max(0, len(said)-enough):]
}
