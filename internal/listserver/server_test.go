package listserver

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/indicatord/indicatord/internal/atomicfile"
	"github.com/indicatord/indicatord/internal/secret"
	"github.com/indicatord/indicatord/internal/servedlist"
)

const content = "192.0.2.1\n192.0.2.2\n198.51.100.0/24\n"

// stand is a directory with lists, and secrets of devices beside it.
type stand struct {
	t    testing.TB
	dir  string
	now  time.Time
	log  bytes.Buffer
	open Options
}

func newStand(t testing.TB) *stand {
	s := &stand{t: t, dir: t.TempDir(), now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}
	lists := filepath.Join(s.dir, "lists")
	if err := os.Mkdir(lists, 0o755); err != nil {
		t.Fatal(err)
	}
	prefix := func(text string) []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix(text)} }
	all := []string{"edge", "inner", "hollow", "missing", "parts-{part}", "four-{part}"}
	s.open = Options{
		Dir: lists,
		Lists: []List{
			{Name: "edge"}, {Name: "inner", Addresses: prefix("10.0.0.0/8")}, {Name: "hollow"},
			{Name: "missing"}, {Name: "parts-{part}"}, {Name: "four-{part}", Parts: 4}, {Name: "secret"},
		},
		Clients: []Client{
			{Name: "firewall", Username: "fw", Password: s.secret("new", "new-password"), Previous: s.secret("old", "old-password"), Lists: all},
			{Name: "proxy", Token: s.secret("token", "a-token"), Addresses: prefix("192.0.2.0/24"), Lists: all},
			{Name: "old-box", Addresses: prefix("203.0.113.7/32"), Lists: []string{"edge"}},
			{Name: "broken", Username: "broken", Password: secret.Ref{File: s.dir + "/nowhere"}, Lists: all},
		},
		MaxPerAddress: defaultConnections, // All devices of a test have one address.

		Log: slog.New(slog.NewTextHandler(&s.log, nil)),
		Now: func() time.Time { return s.now },
	}
	return s
}

func (s *stand) secret(name, text string) secret.Ref {
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return secret.Ref{File: path}
}

// publish does what an output does with a new version.
func (s *stand) publish(file, text string, allowEmpty bool) {
	s.t.Helper()
	path := filepath.Join(s.open.Dir, file)
	sum, err := servedlist.Sum(strings.NewReader(text))
	if err != nil {
		s.t.Fatal(err)
	}
	v := servedlist.Version{SHA256: sum, Modified: s.now, Entries: strings.Count(text, "\n")}
	if err := servedlist.Announce(path, v, allowEmpty); err != nil {
		s.t.Fatal(err)
	}
	if _, err := atomicfile.Replace(path, 0o644, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
		s.t.Fatal(err)
	}
	s.now = s.now.Add(lookEvery)
}

// ask asks as the firewall from a place in its network, unless change says
// otherwise.
func ask(t testing.TB, server http.Handler, path string, change func(*http.Request)) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.URL.Path = path
	r.RemoteAddr = "192.0.2.50:4711"
	r.SetBasicAuth("fw", "new-password")
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	return w.Result()
}

func text(t testing.TB, r *http.Response) string {
	t.Helper()
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func password(name, word string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(name, word) }
}

func from(address string, then func(*http.Request)) func(*http.Request) {
	return func(r *http.Request) {
		r.RemoteAddr = address
		then(r)
	}
}

func anonymous(r *http.Request) { r.Header.Del("Authorization") }

func TestStatusCodes(t *testing.T) {
	s := newStand(t)
	s.publish("edge", content, false)
	s.publish("inner", content, false)
	s.publish("hollow", "", false)
	s.publish("parts-2", content, false)
	s.publish("four-6", content, false)
	s.publish("secret", content, false)
	server := newServer(s.open)
	tests := []struct {
		name   string
		path   string
		change func(*http.Request)
		want   int
	}{
		{"the list", "/lists/edge", nil, 200},
		{"the password before the rotation", "/lists/edge", password("fw", "old-password"), 200},
		{"a part", "/lists/parts-2", nil, 200},
		{"a token", "/lists/edge", header("Authorization", "bearer a-token"), 200},
		{"known by the address alone", "/lists/edge", from("203.0.113.7:99", anonymous), 200},
		{"an IPv4 address in IPv6", "/lists/edge", from("[::ffff:203.0.113.7]:99", anonymous), 200},
		{"HEAD", "/lists/edge", func(r *http.Request) { r.Method = http.MethodHead }, 200},
		{"nothing shown", "/lists/edge", anonymous, 401},
		{"a wrong password", "/lists/edge", password("fw", "new-passwor"), 401},
		{"no password", "/lists/edge", password("fw", ""), 401},
		{"a wrong user", "/lists/edge", password("fx", "new-password"), 401},
		{"a password as a token", "/lists/edge", header("Authorization", "Bearer new-password"), 503},
		{"a scheme that nobody has", "/lists/edge", header("Authorization", "Digest x"), 401},
		{"a token from elsewhere", "/lists/edge", from("198.51.100.1:1", header("Authorization", "Bearer a-token")), 403},
		{"a list from elsewhere", "/lists/inner", nil, 403},
		{"a list from its network", "/lists/inner", from("10.1.2.3:1", password("fw", "new-password")), 200},
		{"a list of others", "/lists/secret", nil, 403},
		{"no list", "/lists/other", nil, 404},
		{"no list and nothing shown", "/lists/other", anonymous, 401},
		{"up and away", "/lists/../../etc/passwd", nil, 404},
		{"a record", "/lists/.edge.record", nil, 404},
		{"a directory", "/lists/", nil, 404},
		{"the root", "/", nil, 404},
		{"a name with a NUL", "/lists/edge\x00", nil, 404},
		{"a name with a newline", "/lists/edge\n", nil, 404},
		{"a part of a part", "/lists/parts-2/../edge", nil, 404},
		{"POST", "/lists/edge", func(r *http.Request) { r.Method = http.MethodPost }, 405},
		{"a part that was not made yet", "/lists/parts-7", nil, 503},
		{"a part beyond any", "/lists/parts-1001", nil, 404},
		{"a part of four that was not made yet", "/lists/four-4", nil, 503},
		{"a fifth part of four", "/lists/four-5", nil, 404},
		{"a sixth part of four, which is left from before", "/lists/four-6", nil, 200},
		{"a list that was not made yet", "/lists/missing", nil, 503},
		{"an empty list", "/lists/hollow", nil, 503},
		{"a password that cannot be read", "/lists/edge", password("broken", "x"), 503},
	}
	// The token in doubt: one more device whose token cannot be read.
	server.clients.all = append(server.clients.all, Client{Name: "lost", Token: secret.Ref{File: s.dir + "/lost"}})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer := ask(t, server, test.path, test.change)
			body := text(t, answer)
			if answer.StatusCode != test.want {
				t.Fatalf("the status is %d, want %d", answer.StatusCode, test.want)
			}
			if waits := answer.Header.Get("Retry-After") != ""; waits != (test.want == 503) {
				t.Errorf("Retry-After is %q", answer.Header.Get("Retry-After"))
			}
			if asks := answer.Header.Get("WWW-Authenticate") != ""; asks != (test.want == 401) {
				t.Errorf("WWW-Authenticate is %q", answer.Header.Get("WWW-Authenticate"))
			}
			if test.want != 200 && strings.Contains(body, s.dir) {
				t.Errorf("the device is told %q", body)
			}
		})
	}
	for _, word := range []string{"new-password", "old-password", "a-token"} {
		if strings.Contains(s.log.String(), word) {
			t.Errorf("the log holds the secret %q", word)
		}
	}
	if want := `device=firewall address=192.0.2.50 list=/lists/edge method=GET status=200 bytes=` + strconv.Itoa(len(content)); !strings.Contains(s.log.String(), want) {
		t.Errorf("the log lacks %q:\n%s", want, s.log.String())
	}
}

func TestAnEmptyListNeedsConsent(t *testing.T) {
	s := newStand(t)
	s.publish("hollow", "", false)
	server := newServer(s.open)
	if answer := ask(t, server, "/lists/hollow", nil); answer.StatusCode != 503 {
		t.Errorf("without consent: %d", answer.StatusCode)
	}
	s.publish("hollow", "", true)
	if answer := ask(t, server, "/lists/hollow", nil); answer.StatusCode != 200 || text(t, answer) != "" {
		t.Errorf("with consent: %d", answer.StatusCode)
	}
}

func TestCaching(t *testing.T) {
	s := newStand(t)
	s.publish("edge", content, false)
	server := newServer(s.open)
	first := ask(t, server, "/lists/edge", nil)
	tag, modified := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
	if len(tag) != 66 || modified != "Mon, 01 Jun 2026 12:00:00 GMT" || first.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("the headers are %v", first.Header)
	}
	for name, change := range map[string]func(*http.Request){
		"the same tag": header("If-None-Match", tag), "one of several": header("If-None-Match", `"x", W/`+tag),
		"the same time": header("If-Modified-Since", modified),
	} {
		if answer := ask(t, server, "/lists/edge", change); answer.StatusCode != 304 || text(t, answer) != "" || answer.Header.Get("ETag") != tag {
			t.Errorf("%s: %d %v", name, answer.StatusCode, answer.Header)
		}
	}
	s.publish("edge", content+"203.0.113.1\n", false)
	for name, change := range map[string]func(*http.Request){
		"the old tag": header("If-None-Match", tag), "the old time, in the same second": header("If-Modified-Since", modified),
	} {
		if answer := ask(t, server, "/lists/edge", change); answer.StatusCode != 200 || text(t, answer) != content+"203.0.113.1\n" {
			t.Errorf("%s: %d", name, answer.StatusCode)
		}
	}
}

func TestForms(t *testing.T) {
	s := newStand(t)
	s.publish("edge", content, false)
	server := newServer(s.open)
	tags := map[string]bool{}
	for accept, want := range map[string]string{"gzip": "gzip", "gzip, zstd": "zstd", "zstd;q=0.1, gzip": "gzip", "br": "", "gzip;q=0": "", "*": "zstd", "": ""} {
		answer := ask(t, server, "/lists/edge", header("Accept-Encoding", accept))
		if got := answer.Header.Get("Content-Encoding"); got != want {
			t.Errorf("%q gives %q, want %q", accept, got, want)
		}
		tags[answer.Header.Get("ETag")] = true
		if length := answer.Header.Get("Content-Length"); length == "" {
			t.Errorf("%q: the length is missing", accept)
		}
		if got := unpacked(t, answer); got != content {
			t.Errorf("%q gives the list %q", accept, got)
		}
	}
	if len(tags) != 3 {
		t.Errorf("there are %d tags for three forms", len(tags))
	}
	part := ask(t, server, "/lists/edge", func(r *http.Request) {
		r.Header.Set("Accept-Encoding", "gzip")
		r.Header.Set("Range", "bytes=10-18")
	})
	if got := text(t, part); part.StatusCode != 206 || got != content[10:19] {
		t.Errorf("the part is %d %q", part.StatusCode, got)
	}
}

func unpacked(t *testing.T, r *http.Response) string {
	t.Helper()
	var err error
	body := io.Reader(r.Body)
	switch r.Header.Get("Content-Encoding") {
	case "gzip":
		body, err = gzip.NewReader(r.Body)
	case "zstd":
		body, err = zstd.NewReader(r.Body, zstd.WithDecoderConcurrency(1))
	}
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestDamage: what somebody changed on the disk is not served. While the last
// whole version is in memory, that one is.
func TestDamage(t *testing.T) {
	s := newStand(t)
	s.publish("edge", content, false)
	server := newServer(s.open)
	if answer := ask(t, server, "/lists/edge", nil); answer.StatusCode != 200 {
		t.Fatal(answer.Status)
	}
	if err := os.WriteFile(filepath.Join(s.open.Dir, "edge"), []byte("192.0.2.1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(lookEvery)
	if answer := ask(t, server, "/lists/edge", nil); answer.StatusCode != 200 || text(t, answer) != content {
		t.Errorf("with the whole one in memory: %d", answer.StatusCode)
	}
	restarted := newServer(s.open)
	if answer := ask(t, restarted, "/lists/edge", nil); answer.StatusCode != 503 {
		t.Errorf("after a restart: %d", answer.StatusCode)
	}
	s.publish("edge", content, false)
	if answer := ask(t, restarted, "/lists/edge", nil); answer.StatusCode != 200 || text(t, answer) != content {
		t.Errorf("mended: %d", answer.StatusCode)
	}
}

// TestAKillBetweenRecordAndList leaves the list of before, which is served.
func TestAKillBetweenRecordAndList(t *testing.T) {
	s := newStand(t)
	s.publish("edge", content, false)
	for _, sum := range []string{"1111", "2222", "3333"} {
		v := servedlist.Version{SHA256: sum, Modified: s.now, Entries: 1}
		if err := servedlist.Announce(filepath.Join(s.open.Dir, "edge"), v, false); err != nil {
			t.Fatal(err)
		}
	}
	if answer := ask(t, newServer(s.open), "/lists/edge", nil); answer.StatusCode != 200 || text(t, answer) != content {
		t.Error(answer.Status)
	}
}

// TestRotation: a changed secret counts within a second, and the one before as long
// as it is kept.
func TestRotation(t *testing.T) {
	s := newStand(t)
	s.publish("edge", content, false)
	server := newServer(s.open)
	status := func(word string) int { return ask(t, server, "/lists/edge", password("fw", word)).StatusCode }
	if status("new-password") != 200 || status("newest") != 401 {
		t.Fatal("the start is wrong")
	}
	s.secret("old", "new-password")
	s.secret("new", "newest")
	s.now = s.now.Add(secretsFor)
	if a, b, c := status("newest"), status("new-password"), status("old-password"); a != 200 || b != 200 || c != 401 {
		t.Errorf("after the rotation: %d %d %d", a, b, c)
	}
	if err := os.Remove(filepath.Join(s.dir, "old")); err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(secretsFor)
	if a, b := status("newest"), status("new-password"); a != 200 || b != 503 {
		t.Errorf("with one that cannot be read: %d %d", a, b)
	}
}

// TestEveryDownloadIsOneSnapshot while the list is replaced again and again.
func TestEveryDownloadIsOneSnapshot(t *testing.T) {
	s := newStand(t)
	s.open.Log = slog.New(slog.DiscardHandler)
	s.open.Now = nil
	version := func(n int) string { return strings.Repeat("version "+strconv.Itoa(n)+"\n", 5000) }
	s.publish("edge", version(0), false)
	server := s.listen()
	var devices sync.WaitGroup
	for range 100 {
		devices.Go(func() {
			for range 3 {
				body := fetch(t, server)
				first, _, _ := strings.Cut(body, "\n")
				if body != strings.Repeat(first+"\n", 5000) {
					t.Errorf("a download is none of the versions: it begins with %q and has %d bytes", first, len(body))
				}
			}
		})
	}
	for n := range 20 {
		s.publish("edge", version(n+1), false)
	}
	devices.Wait()
}

func (s *stand) listen() *Server {
	s.t.Helper()
	server, err := Listen(s.t.Context(), "127.0.0.1:0", s.open)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := server.Close(); err != nil {
			s.t.Error(err)
		}
	})
	return server
}

func fetch(t testing.TB, server *Server) string {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server.Addr().String()+"/lists/edge", nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	r.SetBasicAuth("fw", "new-password")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return ""
	}
	return text(t, answer)
}

// TestFetchesAreRemembered over a restart; a download that breaks off is none.
func TestFetchesAreRemembered(t *testing.T) {
	s := newStand(t)
	s.open.Log = slog.New(slog.DiscardHandler)
	s.publish("edge", content, false)
	first, err := Listen(t.Context(), "127.0.0.1:0", s.open)
	if err != nil {
		t.Fatal(err)
	}
	fetch(t, first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		fetches, err := servedlist.ReadFetches(s.open.Dir)
		if err != nil {
			t.Fatal(err)
		}
		sum, _ := servedlist.Sum(strings.NewReader(content))
		got := fetches["edge"]["firewall"]
		if !got.At.Equal(s.now) || got.Version != sum || got.File != "edge" {
			t.Errorf("the fetch is %+v", got)
		}
		if never := fetches["edge"]["proxy"]; !never.At.IsZero() || !never.Since.Equal(s.now) {
			t.Errorf("the device that never came is %+v", never)
		}
		if err := s.again(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestASilentDeviceDoesNotStopOthers: it holds one connection and nothing else.
func TestASilentDeviceDoesNotStopOthers(t *testing.T) {
	s := newStand(t)
	s.open.Log = slog.New(slog.DiscardHandler)
	s.publish("edge", content, false)
	server := s.listen()
	silent, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if _, err := io.WriteString(silent, "GET /lists/edge HTTP/1.1\r\nHost: x\r\n"); err != nil {
		t.Fatal(err)
	}
	if got := fetch(t, server); got != content {
		t.Errorf("beside a silent device the list is %q", got)
	}
}

func TestABusyPortIsAnError(t *testing.T) {
	s := newStand(t)
	s.open.Log = slog.New(slog.DiscardHandler)
	server := s.listen()
	if _, err := Listen(t.Context(), server.Addr().String(), s.open); err == nil {
		t.Error("a port was opened twice")
	}
}

// again starts a server on the directory and ends it.
func (s *stand) again() error {
	server, err := Listen(s.t.Context(), "127.0.0.1:0", s.open)
	if err != nil {
		return err
	}
	return server.Close()
}
