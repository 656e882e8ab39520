package memory_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/connectors/connectortest"
	"github.com/indicatord/indicatord/connectors/memory"
	"github.com/indicatord/indicatord/internal/plugin"
)

var errAway = errors.New("the source is away")

func TestConformance(t *testing.T) {
	connectortest.Run(t, connectortest.Suite{
		Spec: memory.Spec(nil),
		New: func(*testing.T) connectortest.Source {
			source := new(memory.Source)
			settings := memory.Spec(map[string]*memory.Source{"memory": source}).Settings().(*memory.Settings)
			settings.PageSize = 4
			return connectortest.Source{
				Settings: settings,
				Put:      source.Put,
				Forget:   func(id string) { source.Forget(id) },
				Break:    func() { source.Fail(0, errAway) },
				Mend:     source.Mend,
			}
		},
	})
}

// open makes a connector with small pages to a source.
func open(t *testing.T, source *memory.Source) connectors.Connector {
	t.Helper()
	settings := memory.Spec(map[string]*memory.Source{"test": source}).Settings().(*memory.Settings)
	settings.PageSize = 2
	connector, err := settings.Open(plugin.Env{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return connector
}

// fetch returns the pages of a pull.
func fetch(t *testing.T, c connectors.Connector, from connectors.State) ([]connectors.Page, error) {
	t.Helper()
	var pages []connectors.Page
	err := c.Fetch(t.Context(), from, func(_ context.Context, page connectors.Page) error {
		pages = append(pages, page)
		return nil
	})
	return pages, err
}

func TestWithdrawalsAreTold(t *testing.T) {
	source := new(memory.Source)
	source.Put(connectortest.Objects(0, 3, 0)...)
	source.Withdraw(connectortest.ID(1))
	c := open(t, source)

	pages, err := fetch(t, c, connectors.State{})
	if err != nil {
		t.Fatal(err)
	}
	want := []connectors.Page{
		{Objects: []json.RawMessage{connectortest.Objects(0, 1, 0)[0], connectortest.Objects(2, 1, 0)[0]}, Cursor: []byte("3")},
		{Withdrawn: []string{connectortest.ID(1)}, Cursor: []byte("4")},
	}
	if diff := cmp.Diff(want, pages); diff != "" {
		t.Errorf("an ordinary pull (-want +got):\n%s", diff)
	}

	pages, err = fetch(t, c, connectors.State{Full: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if len(page.Withdrawn) > 0 {
			t.Errorf("a full pull names withdrawals: %v", page.Withdrawn)
		}
	}
	if source.Len() != 2 {
		t.Errorf("the source holds %d objects, want 2", source.Len())
	}
}

func TestFailAfterPages(t *testing.T) {
	source := new(memory.Source)
	source.Put(connectortest.Objects(0, 5, 0)...)
	source.Fail(2, errAway)
	pages, err := fetch(t, open(t, source), connectors.State{})
	if !errors.Is(err, errAway) || len(pages) != 2 {
		t.Errorf("got %d pages and %v, want two and the failure", len(pages), err)
	}
}

func TestBlockWaitsUntilMended(t *testing.T) {
	source := new(memory.Source)
	source.Put(connectortest.Objects(0, 1, 0)...)
	source.Block()
	done := make(chan error, 1)
	c := open(t, source)
	go func() {
		_, err := fetch(t, c, connectors.State{})
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("the pull ended with %v while the source was blocked", err)
	default:
	}
	source.Mend()
	if err := <-done; err != nil {
		t.Errorf("the pull failed with %v after the source was mended", err)
	}
}

func TestABrokenObjectIsHandedOverAsItIs(t *testing.T) {
	source := new(memory.Source)
	source.Put(json.RawMessage(`{"id":`), json.RawMessage(`7`))
	pages, err := fetch(t, open(t, source), connectors.State{})
	if err != nil || len(pages) != 1 || len(pages[0].Objects) != 2 {
		t.Errorf("got %v and %v, want one page with both", pages, err)
	}
}
