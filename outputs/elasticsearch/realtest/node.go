package realtest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Options say which node to start.
type Options struct {
	// Release is what the node runs, Elasticsearch8 where it is empty.
	Release Release
	// Secured asks for TLS, users, roles and API keys, which only
	// Elasticsearch8 can be had with.
	Secured bool
	// Settings are further settings of the node, such as
	// "http.max_content_length=1mb". Those whose name begins with "secure:" go
	// into its key store.
	Settings []string
}

// The user who may do everything on a secured node.
const (
	Username = "elastic"
	Password = "a-password-of-the-test"
)

// Node is a running node on loopback that nobody else uses. Its methods end the
// test where they fail. They must not be called by two goroutines at once, but
// for Call and Must.
type Node struct {
	// URL is the address of the node. It stays the same over [Node.Resume].
	URL string
	// Release is what the node runs.
	Release Release
	// Authority has signed the certificate of a secured node, and is nil for
	// another.
	Authority *Authority

	tb       testing.TB
	program  program
	folder   string
	settings []string
	process  *exec.Cmd
	stdin    io.Closer
}

// patience is how long a node may take to start. It takes four seconds; one that
// was killed reads its log of changes first.
const patience = 3 * time.Minute

// Start starts a node. It ends with the test, and with the process of the test
// whatever becomes of that. Where the node cannot be had, the test is skipped.
func Start(tb testing.TB, o Options) *Node {
	tb.Helper()
	if o.Release == "" {
		o.Release = Elasticsearch8
	}
	n := &Node{tb: tb, Release: o.Release, program: prepare(tb, o.Release), folder: tb.TempDir(), settings: o.Settings}
	if o.Secured {
		n.secure()
	}
	tb.Cleanup(n.Stop)
	n.start("0")
	return n
}

// secure writes the certificate of the node and the settings that ask for it. A
// client certificate of the authority makes its name the user's, once a role is
// mapped to it and the licence permits.
func (n *Node) secure() {
	n.tb.Helper()
	n.Authority = NewAuthority(n.tb)
	config := filepath.Join(n.folder, "config")
	if err := os.MkdirAll(config, 0o700); err != nil {
		n.tb.Fatal(err)
	}
	for name, path := range map[string]string{"ca.pem": n.Authority.Path, "node.pem": n.Authority.node.Cert, "node.key": n.Authority.node.Key} {
		content, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(filepath.Join(config, name), content, 0o600)
		}
		if err != nil {
			n.tb.Fatal(err)
		}
	}
	n.settings = append([]string{
		"xpack.security.enabled=true",
		"secure:bootstrap.password=" + Password,
		"xpack.security.http.ssl.enabled=true",
		"xpack.security.http.ssl.certificate=node.pem",
		"xpack.security.http.ssl.key=node.key",
		"xpack.security.http.ssl.certificate_authorities=ca.pem",
		"xpack.security.http.ssl.client_authentication=optional",
		"xpack.security.authc.realms.pki.certificates.order=1",
		"xpack.security.authc.realms.pki.certificates.certificate_authorities=ca.pem",
	}, n.settings...)
}

// start runs the node and waits until it is ready.
func (n *Node) start(port string) {
	n.tb.Helper()
	n.process = exec.Command("sh", append([]string{n.program.script, string(n.Release), port, n.folder}, n.settings...)...)
	n.process.Env = n.program.environment
	log, err := os.OpenFile(n.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		n.tb.Fatal(err)
	}
	defer log.Close()
	n.process.Stderr = log
	stdin, err := n.process.StdinPipe()
	if err != nil {
		n.tb.Fatal(err)
	}
	n.stdin = stdin
	stdout, err := n.process.StdoutPipe()
	if err != nil {
		n.tb.Fatal(err)
	}
	if err := n.process.Start(); err != nil {
		n.process = nil
		n.tb.Fatalf("starting a node of %s: %v", n.Release, err)
	}
	select {
	case address, ready := <-readyLine(stdout, n.log()):
		if ready {
			n.URL = address
			return
		}
	case <-time.After(patience):
	}
	said, _ := os.ReadFile(n.log())
	n.tb.Fatalf("the node of %s did not start: %s", n.Release, tail(said))
}

func (n *Node) log() string { return filepath.Join(n.folder, "said.log") }

// readyLine sends the address of the line that begins with READY, or closes the
// channel where there is none. It reads on until the node ends, since the node
// would wait for a reader otherwise.
func readyLine(stdout io.Reader, log string) <-chan string {
	found := make(chan string, 1)
	go func() {
		defer close(found)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] == "READY" {
				found <- fields[1]
				break
			}
			appendLine(log, lines.Text())
		}
		_, _ = io.Copy(io.Discard, stdout)
	}()
	return found
}

// appendLine adds a line to the log. That it fails is no matter of the test.
func appendLine(path, line string) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	_, _ = fmt.Fprintln(f, line)
}

// Stop ends the node in an orderly way. It does nothing to one that has ended.
func (n *Node) Stop() { n.end(func() { _ = n.stdin.Close() }) }

// Kill ends the node at once, as a loss of power does to its process.
func (n *Node) Kill() { n.end(func() { _ = n.process.Process.Kill() }) }

func (n *Node) end(how func()) {
	if n.process == nil {
		return
	}
	how()
	_ = n.process.Wait() // a node that was killed says so
	n.process = nil
}

// Resume starts a node that has ended again, at the same address and with what
// it held.
func (n *Node) Resume() {
	n.tb.Helper()
	at, err := url.Parse(n.URL)
	if err != nil {
		n.tb.Fatal(err)
	}
	n.start(at.Port())
}

// Transport makes connections to the node. They are not kept, so that a test
// that looks for what is left running finds none of them.
func (n *Node) Transport() http.RoundTripper {
	t := &http.Transport{DisableKeepAlives: true}
	if n.Authority != nil {
		t.TLSClientConfig = &tls.Config{RootCAs: n.Authority.Pool(), MinVersion: tls.VersionTLS12}
	}
	return t
}

// Call makes a request with a body that is written in JSON, nil for none, and
// returns the status and the decoded answer, nil where that is no object. On a
// secured node the request is that of the user who may do everything.
func (n *Node) Call(tb testing.TB, method, path string, body any) (int, map[string]any) {
	tb.Helper()
	var text bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			tb.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(tb.Context(), method, n.URL+path, &text)
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if n.Authority != nil {
		req.SetBasicAuth(Username, Password)
	}
	res, err := n.Transport().RoundTrip(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		tb.Fatal(err)
	}
	var decoded map[string]any
	_ = json.Unmarshal(answer, &decoded)
	return res.StatusCode, decoded
}

// Must is [Node.Call] for a request that has to succeed.
func (n *Node) Must(tb testing.TB, method, path string, body any) map[string]any {
	tb.Helper()
	status, answer := n.Call(tb, method, path, body)
	if status >= 300 {
		tb.Fatalf("%s %s: %d %v", method, path, status, answer)
	}
	return answer
}
