//go:build real

package listserver

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// curl fetches a list as a script on a device does.
type curl struct {
	t       *testing.T
	path    string
	dir     string
	url     string
	options []string
}

// newCurl returns curl with a client certificate, and the server that it asks.
func newCurl(t *testing.T, list string) (*curl, *stand) {
	t.Helper()
	path, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("there is no curl here: apt-get install curl")
	}
	s, a := secured(t)
	s.open.Log = slog.New(slog.DiscardHandler)
	s.publish("edge", list, false)
	c := &curl{t: t, path: path, dir: t.TempDir()}
	a.pair("panorama", c.file("client.pem"), c.file("client.key"))
	c.options = []string{"-sS", "--cacert", filepath.Join(s.dir, "ca.pem"), "--cert", c.file("client.pem"), "--key", c.file("client.key")}
	c.url = "https://" + s.listen().Addr().String() + "/lists/edge"
	return c, s
}

func (c *curl) file(name string) string { return filepath.Join(c.dir, name) }

func (c *curl) command(options ...string) *exec.Cmd {
	return exec.CommandContext(c.t.Context(), c.path, slices.Concat(c.options, options, []string{c.url})...)
}

// fetch fetches into a file, and returns the status and the headers.
func (c *curl) fetch(options ...string) (status, headers string) {
	c.t.Helper()
	printed, err := c.command(append(options, "-D", c.file("headers"), "-w", "%{http_code}")...).Output()
	if err != nil {
		c.t.Fatalf("curl %q: %v: %s", options, err, problemOf(err))
	}
	text, err := os.ReadFile(c.file("headers"))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(printed), strings.ToLower(string(text))
}

func problemOf(err error) []byte {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.Stderr
	}
	return nil
}

func (c *curl) holds(name, want string) {
	c.t.Helper()
	got, err := os.ReadFile(c.file(name))
	if err != nil || string(got) != want {
		c.t.Errorf("%s has %d bytes, want %d: %v", name, len(got), len(want), err)
	}
}

// manyLines is a list of about two megabytes.
func manyLines() string {
	var b strings.Builder
	for i := range 150_000 {
		fmt.Fprintf(&b, "10.%d.%d.%d\n", i>>16, i>>8&255, i&255)
	}
	return b.String()
}

// TestCurlKeepsWhatItHas: by its entity tag it is told that nothing is new, and gets
// a new version when there is one.
func TestCurlKeepsWhatItHas(t *testing.T) {
	c, s := newCurl(t, content)
	saved := []string{"-o", c.file("list"), "--etag-save", c.file("tag"), "--etag-compare", c.file("tag")}
	if status, _ := c.fetch(saved...); status != "200" {
		t.Fatalf("the first time: %s", status)
	}
	c.holds("list", content)
	if status, _ := c.fetch("-o", c.file("list"), "--etag-compare", c.file("tag")); status != "304" {
		t.Errorf("the second time: %s", status)
	}
	c.holds("list", content)
	s.publish("edge", content+"203.0.113.1\n", false)
	if status, _ := c.fetch(saved...); status != "200" {
		t.Errorf("a new version: %s", status)
	}
	c.holds("list", content+"203.0.113.1\n")
}

// TestCurlKeepsWhatItHasByItsTime does the same with the time of the file, as devices
// do that know no entity tags.
func TestCurlKeepsWhatItHasByItsTime(t *testing.T) {
	c, s := newCurl(t, content)
	timed := []string{"-o", c.file("list"), "-R"}
	if status, _ := c.fetch(timed...); status != "200" {
		t.Fatalf("the first time: %s", status)
	}
	timed = append(timed, "-z", c.file("list"))
	if status, _ := c.fetch(timed...); status != "304" {
		t.Errorf("the second time: %s", status)
	}
	s.publish("edge", content+"203.0.113.1\n", false)
	if status, _ := c.fetch(timed...); status != "200" {
		t.Errorf("a new version: %s", status)
	}
	c.holds("list", content+"203.0.113.1\n")
}

// TestCurlUnpacks what is sent packed.
func TestCurlUnpacks(t *testing.T) {
	list := manyLines()
	c, _ := newCurl(t, list)
	status, headers := c.fetch("--compressed", "-o", c.file("list"))
	if status != "200" || !strings.Contains(headers, "content-encoding: ") {
		t.Errorf("%s with\n%s", status, headers)
	}
	c.holds("list", list)
}

// TestCurlAsksForTheHeadersAlone, which tell the length of the list.
func TestCurlAsksForTheHeadersAlone(t *testing.T) {
	list := manyLines()
	c, _ := newCurl(t, list)
	status, headers := c.fetch("-I", "-o", c.file("head"))
	if want := "content-length: " + strconv.Itoa(len(list)) + "\r\n"; status != "200" || !strings.Contains(headers, want) || !strings.Contains(headers, "etag: ") {
		t.Errorf("%s with\n%s", status, headers)
	}
}

// TestCurlGoesOn where it was killed in the middle, and has the whole list then. The
// half of it was no fetch.
func TestCurlGoesOn(t *testing.T) {
	list := manyLines()
	c, s := newCurl(t, list)
	flaky := c.command("-o", c.file("list"), "--limit-rate", "300k")
	if err := flaky.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if info, err := os.Stat(c.file("list")); err == nil && info.Size() > 100_000 {
			break
		}
	}
	if err := flaky.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = flaky.Wait()
	half, err := os.ReadFile(c.file("list"))
	if err != nil || len(half) == 0 || len(half) >= len(list) || !bytes.HasPrefix([]byte(list), half) {
		t.Fatalf("it was killed with %d of %d bytes: %v", len(half), len(list), err)
	}
	if status, headers := c.fetch("-C", "-", "-o", c.file("list")); status != "206" || !strings.Contains(headers, fmt.Sprintf("content-range: bytes %d-", len(half))) {
		t.Errorf("going on: %s with\n%s", status, headers)
	}
	c.holds("list", list)
	if status, _ := c.fetch("-r", "3-10", "-o", c.file("piece")); status != "206" {
		t.Errorf("a piece: %s", status)
	}
	c.holds("piece", list[3:11])
	s.publish("edge", content, false)
	if status, _ := c.fetch("-o", c.file("list")); status != "200" {
		t.Errorf("a shorter version: %s", status)
	}
	c.holds("list", content)
}

// TestCurlWithoutItsCertificate is a stranger, unless it has a password.
func TestCurlWithoutItsCertificate(t *testing.T) {
	c, _ := newCurl(t, content)
	c.options = c.options[:3]
	for user, want := range map[string]string{"fw:new-password": "200", "fw:guess": "401", "broken:x": "503"} {
		if status, _ := c.fetch("-o", c.file(want), "-u", user); status != want {
			t.Errorf("%s: %s, want %s", user, status, want)
		}
	}
	c.holds("200", content)
	if status, _ := c.fetch("-o", c.file("none")); status != "401" {
		t.Errorf("with nothing: %s", status)
	}
}
