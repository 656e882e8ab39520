//go:build real

package taxii

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/connectors/connectortest"
	"github.com/indicatord/indicatord/internal/httpx"
)

// medallion is the reference server of the standard's committee.
const medallion = "medallion==3.0.0"

// held is how many objects the server holds. Its cost is quadratic, so they are
// few. A third of them were added at one time.
const held = 300

// TestMedallion pulls from the reference server at page sizes from 1 up, and
// wants every object.
func TestMedallion(t *testing.T) {
	python := install(t)
	for _, size := range []int{1, 2, 7, 100} {
		t.Run(fmt.Sprintf("page size %d", size), func(t *testing.T) {
			s := startMedallion(t, python, 30)
			s.PageSize = size
			c := connect(t, s)
			first := fetch(t, c, connectors.State{})
			mustBringAll(t, first)
			mustBringAll(t, fetch(t, c, connectors.State{Cursor: first.cursor, Full: true}))
			again := fetch(t, c, connectors.State{Cursor: first.cursor})
			if again.err != nil || len(again.ids(t)) >= held {
				t.Errorf("the second pull: %v, and %d objects, want only what the overlap repeats", again.err, len(again.ids(t)))
			}
		})
	}
	t.Run("pulls that are cut", func(t *testing.T) { cutPulls(t, startMedallion(t, python, 30)) })
	t.Run("a next that is forgotten after a second", func(t *testing.T) {
		s := startMedallion(t, python, 1)
		s.PageSize = 1
		mustBringAll(t, fetch(t, connect(t, s), connectors.State{}))
	})
}

// cutPulls stops the sink again and again, and resumes where the cursor says.
func cutPulls(t *testing.T, s *Settings) {
	errFull := errors.New("the store is full")
	s.PageSize, s.Overlap = 7, 0
	c := connect(t, s)
	var all result
	for range held {
		pages := 0
		err := c.Fetch(t.Context(), connectors.State{Cursor: all.cursor}, func(_ context.Context, page connectors.Page) error {
			if pages++; pages > 20 {
				return errFull
			}
			all.pages, all.cursor = append(all.pages, page), page.Cursor
			return nil
		})
		if err == nil {
			mustBringAll(t, all)
			return
		}
		if !errors.Is(err, errFull) {
			t.Fatal(err)
		}
	}
	t.Error("the pulls never came to an end")
}

func mustBringAll(t *testing.T, r result) {
	t.Helper()
	got := r.ids(t)
	slices.Sort(got)
	if r.err != nil || !slices.Equal(got, idsOf(0, held)) {
		t.Fatalf("the pull brought %d of %d objects: %v", len(got), held, r.err)
	}
}

// install returns a Python that has medallion. It is kept in the user's cache
// for the next time.
func install(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	venv := filepath.Join(cache, "indicatord-test", medallion)
	python := filepath.Join(venv, "bin", "python")
	if exec.Command(python, "-c", "import medallion").Run() == nil {
		return python
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for _, command := range [][]string{
		{"python3", "-m", "venv", venv},
		{python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", medallion},
	} {
		if out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Skipf("%s cannot be had here: %v: %v: %s", medallion, command, err, out)
		}
	}
	return python
}

// startMedallion starts a server that holds the objects and forgets a next after
// the given seconds.
func startMedallion(t *testing.T, python string, session int) *Settings {
	t.Helper()
	dir := t.TempDir()
	port := freePort(t)
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	write(t, filepath.Join(dir, "data.json"), medallionData())
	write(t, filepath.Join(dir, "config.json"), map[string]any{
		"users": map[string]string{"site": "secret"},
		"taxii": map[string]any{"max_page_size": 100},
		"backend": map[string]any{
			"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend",
			"filename": filepath.Join(dir, "data.json"), "session_timeout": session, "check_interval": 1,
		},
	})
	server := exec.Command(python, "-m", "medallion.scripts.run", "--host", "127.0.0.1", "--port", fmt.Sprint(port), filepath.Join(dir, "config.json"))
	if err := server.Start(); err != nil {
		t.Skipf("%s cannot be started here: %v", medallion, err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	awaitServer(t, base+"/taxii2/")
	s := settingsFor(base + "/taxii2/")
	s.Timeout = time.Minute
	s.Auth.Basic = &httpx.Basic{Username: "site", Password: keep(t, "secret")}
	return s
}

// medallionData is the file of the server's memory backend. Its discovery names
// another port, as that of the server's own sample does.
func medallionData() map[string]any {
	objects := connectortest.Objects(0, held, 0)
	manifest := make([]map[string]string, held)
	for i, object := range objects {
		var header struct{ ID, Modified string }
		_ = json.Unmarshal(object, &header)
		manifest[i] = map[string]string{
			"id": header.ID, "version": header.Modified, "media_type": "application/stix+json;version=2.1",
			"date_added": formatTime(dateAdded(i)),
		}
	}
	return map[string]any{
		"/discovery": map[string]any{
			"title": "Medallion", "default": "http://localhost:5000/api1/", "api_roots": []string{"http://localhost:5000/api1/"},
		},
		"api1": map[string]any{
			"information": map[string]any{"title": "API", "versions": []string{mediaType}, "max_content_length": 1 << 20},
			"status":      []any{},
			"collections": []any{map[string]any{
				"id": highID, "title": "High", "can_read": true, "can_write": false,
				"media_types": []string{"application/stix+json;version=2.1"},
				"objects":     objects, "manifest": manifest,
			}},
		},
	}
}

// dateAdded gives the objects from 100 to 199 one date, and the others a minute
// each.
func dateAdded(number int) time.Time {
	begin := time.Date(2026, time.May, 1, 0, 0, 0, 123456000, time.UTC)
	if number >= 100 && number < 200 {
		number = 100
	}
	return begin.Add(time.Duration(number) * time.Minute)
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

func write(t *testing.T, path string, content any) {
	t.Helper()
	data, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func awaitServer(t *testing.T, address string) {
	t.Helper()
	for range 100 {
		if resp, err := http.Get(address); err == nil {
			_ = resp.Body.Close()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the server at %s does not answer", address)
}
