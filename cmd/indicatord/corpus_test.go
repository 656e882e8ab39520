package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/stix"
	"github.com/indicatord/indicatord/internal/store"
)

// TestCorpus serves every STIX bundle below the folder that INDICATORD_CORPUS
// names through a hub, runs the ordinary agent, and compares the state and the
// list with what the objects say one by one.
func TestCorpus(t *testing.T) {
	root := os.Getenv("INDICATORD_CORPUS")
	if root == "" {
		t.Skip("INDICATORD_CORPUS does not name a folder of STIX bundles")
	}
	l := newLineOf(t, 1000)
	c := l.load()
	c.Outputs[0].Select = policy.Select{Kinds: []indicator.Kind{indicator.IP}}
	expected := expectation{newest: map[string]stix.Derived{}}
	for _, object := range readCorpus(t, root) {
		if err := l.collection.Add(object); err != nil {
			t.Logf("the hub does not take an object: %v", err)
			continue
		}
		expected.add(t, object)
	}
	if err := l.once(c); err != nil {
		t.Fatal(err)
	}
	l.inspect(c, func(i admin.Inspector) {
		if diff := cmp.Diff(expected.assertions(), asserted(t, i.Store)); diff != "" {
			t.Errorf("the assertions differ (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(expected.rejects(), rejected(t, i.Store)); diff != "" {
			t.Errorf("the rejects differ (-want +got):\n%s", diff)
		}
	})
	if diff := cmp.Diff(expected.addresses(time.Now()), l.read("list.txt")); diff != "" {
		t.Errorf("the list differs (-want +got):\n%s", diff)
	}
	t.Logf("%d objects, %d assertions, %d rejects, %d addresses in the list",
		len(expected.newest), len(expected.assertions()), len(expected.rejects()), strings.Count(l.read("list.txt"), "\n"))
}

// readCorpus returns the objects of all bundles.
func readCorpus(t *testing.T, root string) []json.RawMessage {
	t.Helper()
	var objects []json.RawMessage
	for _, path := range bundlesBelow(t, root) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for object, err := range stix.ReadBundle(strings.NewReader(string(text)), 1<<20) {
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			objects = append(objects, object)
		}
	}
	return objects
}

// expectation is what the newest version of each object says.
type expectation struct{ newest map[string]stix.Derived }

// add takes an object in. Of one version the first that was added counts, as it
// does at the hub.
func (e *expectation) add(t *testing.T, object json.RawMessage) {
	t.Helper()
	d, err := stix.Derive(object, stix.Options{UnmarkedTLP: indicator.TLPAmber})
	if err != nil {
		t.Fatal(err)
	}
	if old, held := e.newest[d.Header.ID]; held && !d.Header.Modified.After(old.Header.Modified) {
		return
	}
	e.newest[d.Header.ID] = d
	if d.Header.Type == "indicator" && !d.Header.Revoked && len(d.Assertions)+len(d.Rejects) == 0 {
		t.Errorf("%s gives neither an entry nor a reject", d.Header.ID)
	}
}

// assertions lists "object kind value" for everything that is asserted.
func (e *expectation) assertions() []string {
	var all []string
	for id, d := range e.newest {
		for _, a := range d.Assertions {
			all = append(all, id+" "+a.Key.String())
		}
	}
	slices.Sort(all)
	return all
}

func (e *expectation) rejects() []string {
	var all []string
	for id, d := range e.newest {
		for _, r := range d.Rejects {
			if !d.Header.Revoked {
				all = append(all, id+" "+string(r.Code))
			}
		}
	}
	slices.Sort(all)
	return all
}

// addresses is the list that a firewall should have.
func (e *expectation) addresses(at time.Time) string {
	var keys []indicator.Key
	for _, d := range e.newest {
		for _, a := range d.Assertions {
			if a.Key.Kind == indicator.IP && a.Assertion.LiveAt(at) && !d.Header.Revoked &&
				a.Assertion.Exactness != indicator.Compound && !a.Assertion.Types.Has(indicator.TypeBenign) {
				keys = append(keys, a.Key)
			}
		}
	}
	slices.SortFunc(keys, indicator.Compare)
	var b strings.Builder
	for _, k := range slices.Compact(keys) {
		fmt.Fprintln(&b, k.Value)
	}
	return b.String()
}

func asserted(t *testing.T, s *store.Store) []string {
	t.Helper()
	var all []string
	for record, err := range s.Entries(t.Context(), store.Reading{InFull: true}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range record.Entry.Assertions {
			all = append(all, a.Object.ID+" "+record.Entry.Key.String())
		}
	}
	slices.Sort(all)
	return all
}

func rejected(t *testing.T, s *store.Store) []string {
	t.Helper()
	found, err := s.Rejects(t.Context(), "hub", 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range found {
		all = append(all, r.ObjectID+" "+string(r.Code))
	}
	slices.Sort(all)
	return all
}
