package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/taxiihub/hubtest"
)

// serve has the line's list served instead of written to a path.
func (l *line) serve() (file string) {
	l.t.Helper()
	file = l.configure()
	const lists = "lists: {listen: '127.0.0.1:0', clients: [{name: firewall, addresses: [127.0.0.0/8], lists: [edge]}]}\n"
	text := strings.Replace(l.read("site.yaml"), fmt.Sprintf("{path: %s}", l.path("list.txt")), "{serve: edge}", 1) + lists
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
	return file
}

// listsAt waits until lists are served, and returns the URL of one.
func (p *process) listsAt(list string) string {
	p.t.Helper()
	p.says(`msg="serving lists"`, 1)
	_, after, _ := strings.Cut(p.stderr.String(), `msg="serving lists" listen=`)
	address, _, _ := strings.Cut(after, " ")
	return "http://" + address + "/lists/" + list
}

// get fetches as a device does that has the version of an entity tag.
func get(t *testing.T, url, tag string) (r *http.Response, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("If-None-Match", tag)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

// TestTheLastListIsServedAfterARestart, though the daemon was killed and the hub
// does not answer any more: a device gets what it had, under the same entity tag.
func TestTheLastListIsServedAfterARestart(t *testing.T) {
	l := newLine(t)
	l.put(addressObject(0, 0, ""), addressObject(1, 0, ""))
	file := l.serve()
	first := start(t, nil, "run", "--config", file)
	url := first.listsAt("edge")
	first.says("msg=delivered", 2)
	before, list := get(t, url, "")
	if before.StatusCode != http.StatusOK || list != addresses(2) {
		t.Fatalf("the list is %s %q", before.Status, list)
	}
	first.signal(syscall.SIGKILL)
	first.end()

	l.faults.Always(hubtest.Slow(time.Hour))
	pulled := len(l.faults.Requests())
	second := start(t, nil, "run", "--config", file)
	url = second.listsAt("edge")
	after, again := get(t, url, "")
	if after.StatusCode != http.StatusOK || again != list {
		t.Errorf("after the restart the list is %s %q", after.Status, again)
	}
	for _, name := range []string{"ETag", "Last-Modified"} {
		if after.Header.Get(name) != before.Header.Get(name) {
			t.Errorf("%s is %q after the restart, and was %q", name, after.Header.Get(name), before.Header.Get(name))
		}
	}
	if answer, _ := get(t, url, before.Header.Get("ETag")); answer.StatusCode != http.StatusNotModified {
		t.Errorf("a device that has the list is answered with %s", answer.Status)
	}
	for range 500 {
		if len(l.faults.Requests()) > pulled {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if answer, again := get(t, url, ""); len(l.faults.Requests()) == pulled || answer.StatusCode != http.StatusOK || again != list {
		t.Errorf("while the hub is asked and does not answer, the list is %s %q", answer.Status, again)
	}
}

// TestAListThatWasNeverMadeIsNotEmpty: before the first delivery a device is told to
// come again.
func TestAListThatWasNeverMadeIsNotEmpty(t *testing.T) {
	l := newLine(t)
	l.faults.Always(hubtest.Status(http.StatusServiceUnavailable))
	p := start(t, nil, "run", "--config", l.serve())
	answer, body := get(t, p.listsAt("edge"), "")
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" || strings.Contains(body, "5.0") {
		t.Errorf("%s, Retry-After %q: %q", answer.Status, answer.Header.Get("Retry-After"), body)
	}
}
