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
	Elasticsearch9 Release = "elasticsearch9" // 9.5.3
	Elasticsearch8 Release = "elasticsearch8" // 8.19.21
	Elasticsearch7 Release = "elasticsearch7" // 7.17.29
	OpenSearch2    Release = "opensearch2"    // 2.19.1
)

// java is the oldest version of Java that the release runs on, or that its
// launcher is written for.
func (r Release) java() int {
	if r == Elasticsearch9 {
		return 21
	}
	return 17
}

// launcher is a Maven project for each release, and run.sh.
//
//go:embed launcher
var launcher embed.FS

// program is what starts nodes of one release.
type program struct {
	// script is a run.sh that has nothing to build any more.
	script string
	// environment says which Java it uses.
	environment []string
}

// prepare sees to the program. What is built stays in the user's cache until the
// launcher changes. Without a JDK and Maven the test is skipped, and so it is
// where the build fails, which it does without Maven Central; but with the
// variable CI set Elasticsearch8 has to be built.
func prepare(tb testing.TB, r Release) program {
	tb.Helper()
	home, found := findJDK(r.java())
	if !found {
		tb.Skipf("no JDK of version %d or later is installed, so no node of %s can be started: apt-get install default-jdk-headless, or set JAVA_HOME", r.java(), r)
	}
	if _, err := exec.LookPath("mvn"); err != nil {
		tb.Skip("Maven is not installed, so no real node can be started: apt-get install maven")
	}
	environment := append(os.Environ(), "JAVA_HOME="+home, "JAVA="+filepath.Join(home, "bin", "java"), "REALTEST_STDIN=1")
	path, err := built(r, environment)
	switch {
	case err != nil && r == Elasticsearch8 && os.Getenv("CI") != "":
		tb.Fatalf("building the node: %v", err)
	case err != nil:
		tb.Skipf("a node of %s cannot be built here: %v", r, err)
	}
	return program{script: path, environment: environment}
}

// built builds what is not in the cache yet. Two processes may build the same at
// once: one of them is first to move it where it belongs.
func built(r Release, environment []string) (string, error) {
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
	if err := build(work, r, environment); err != nil {
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
func build(folder string, r Release, environment []string) error {
	files, err := fs.Sub(launcher, "launcher")
	if err != nil {
		return err
	}
	if err := os.CopyFS(folder, files); err != nil {
		return err
	}
	cmd := exec.Command("sh", filepath.Join(folder, "run.sh"), string(r))
	cmd.Env = environment
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("run.sh: %w: %s", err, tail(said))
	}
	return nil
}

// tail is the end of what a program said.
func tail(said []byte) []byte {
	const enough = 2000
	return said[max(0, len(said)-enough):]
}
