package journal

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/connectors/connectortest"
)

func TestConformance(t *testing.T) {
	connectortest.Run(t, connectortest.Suite{
		Spec: Spec(),
		New: func(t *testing.T) connectortest.Source {
			path := filepath.Join(t.TempDir(), "objects.ndjson")
			write(t, path, "")
			return connectortest.Source{
				Settings: &Settings{Path: path, PageSize: 5},
				Put: func(objects ...json.RawMessage) {
					for _, object := range objects {
						write(t, path, string(object)+"\n")
					}
				},
				// A journal forgets nothing, so there is no Forget.
				Break: func() { move(t, path, path+".away") },
				Mend:  func() { move(t, path+".away", path) },
			}
		},
	})
}

// write appends to the journal.
func write(t *testing.T, path, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func TestHalfALineWaitsForItsEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "objects.ndjson")
	c := &Connector{path: path, pageSize: 5}
	pull := func(cursor []byte) (objects int, next []byte) {
		err := c.Fetch(t.Context(), connectors.State{Cursor: cursor}, func(_ context.Context, page connectors.Page) error {
			objects, next = objects+len(page.Objects), page.Cursor
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return objects, next
	}

	whole := string(connectortest.Objects(0, 1, 0)[0])
	write(t, path, whole+"\n"+whole[:20])
	objects, cursor := pull(nil)
	if objects != 1 {
		t.Errorf("%d objects came while the second was being written, want 1", objects)
	}
	write(t, path, whole[20:]+"\n")
	if objects, _ = pull(cursor); objects != 1 {
		t.Errorf("%d objects came once the second was written, want 1", objects)
	}
}
