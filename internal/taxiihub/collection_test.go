package taxiihub

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestAddRefusesAllOrNothing(t *testing.T) {
	tests := []struct{ name, object, says string }{
		{"not JSON", `{"id":`, "object 2 of 3"},
		{"not an object", `[]`, "reading a STIX object"},
		{"no id", `{"type":"indicator"}`, "no id or no type"},
		{"no type", `{"id":"indicator--a"}`, "no id or no type"},
		{"broken time", `{"type":"indicator","id":"indicator--a","modified":"yesterday"}`, "indicator--a"},
		{"time with an offset", `{"type":"indicator","id":"indicator--a","modified":"2026-11-01T00:00:00+08:00"}`, "STIX timestamp"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, grid, _ := newHub(Options{})
			err := grid.Add(object("indicator--x", 1), json.RawMessage(test.object), object("indicator--y", 1))
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got error %v, want %q", err, test.says)
			}
			if grid.Len() != 0 {
				t.Errorf("%d objects were taken all the same", grid.Len())
			}
		})
	}
}

func TestAddLeavesWhatItHolds(t *testing.T) {
	_, grid, _ := newHub(Options{})
	observable := json.RawMessage(`{"type":"ipv4-addr","id":"ipv4-addr--a","value":"195.16.88.6"}`)
	changed := json.RawMessage(`{"type":"ipv4-addr","id":"ipv4-addr--a","value":"46.28.200.132"}`)
	steps := []struct {
		name   string
		object json.RawMessage
		want   int
	}{
		{"a new object", object("indicator--a", 2), 1},
		{"the same version again", object("indicator--a", 2), 1},
		{"an older version", object("indicator--a", 1), 2},
		{"an object without versions", observable, 3},
		{"the same text again", observable, 3},
		{"another text under that id", changed, 4},
	}
	for _, step := range steps {
		if add(t, grid, step.object); grid.Len() != step.want {
			t.Errorf("%s: %d records, want %d", step.name, grid.Len(), step.want)
		}
	}
}

func TestAddKeepsItsOwnCopy(t *testing.T) {
	hub, grid, _ := newHub(Options{})
	o := object("indicator--a", 2)
	add(t, grid, o)
	clear(o)
	if got := getEnvelope(t, hub, gridPath+"objects/").got(); len(got) != 1 || got[0] != "indicator--a@02" {
		t.Errorf("got %v", got)
	}
}

func TestRemoveLeavesNoTrace(t *testing.T) {
	hub, grid, _ := newHub(Options{})
	add(t, grid, object("indicator--a", 1), object("indicator--b", 1), object("indicator--a", 2))
	if !grid.Remove("indicator--a") || grid.Remove("indicator--a") {
		t.Error("Remove does not tell whether the object was there")
	}
	if got := getEnvelope(t, hub, gridPath+"objects/?match[version]=all").got(); len(got) != 1 {
		t.Errorf("got %v", got)
	}
	if response := get(hub, gridPath+"objects/indicator--a/"); response.StatusCode != 404 {
		t.Errorf("the removed object answers %s", response.Status)
	}
	add(t, grid, object("indicator--a", 1))
	if got := getEnvelope(t, hub, gridPath+"objects/").got(); len(got) != 2 {
		t.Errorf("a removed object cannot come back: got %v", got)
	}
}

func TestReadersAndWritersAtOnce(t *testing.T) {
	hub, grid, _ := newHub(Options{MaxPage: 5})
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 50 {
				id := fmt.Sprintf("indicator--%d-%d", w, i)
				if err := grid.Add(object(id, 1), object(id, 2)); err != nil {
					t.Error(err)
				}
				if i%5 == 0 {
					grid.Remove(id)
				}
			}
		})
	}
	pull(t, hub, "limit=5", nothing)
	writers.Wait()
	if got := len(pull(t, hub, "limit=5", nothing)); got != 4*40 {
		t.Errorf("got %d objects, want 160", got)
	}
}
