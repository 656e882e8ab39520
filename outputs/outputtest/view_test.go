package outputtest

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// summary writes changes as "op key reason".
func summary(changes []outputs.Change) []string {
	var lines []string
	for _, c := range changes {
		line := c.Op.String() + " " + c.Entry.Key.String()
		if c.Reason != "" {
			line += " " + c.Reason
		}
		lines = append(lines, line)
	}
	return lines
}

func TestViewOffersChangesUntilAccepted(t *testing.T) {
	near, far := NewEntry(indicator.IP, "64.0.0.9"), NewEntry(indicator.IP, "64.0.0.10")
	v := NewView(near, far)
	first := []string{"add ip 64.0.0.9", "add ip 64.0.0.10"}
	if diff := cmp.Diff(first, summary(v.Changes())); diff != "" {
		t.Errorf("at first (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(first, summary(v.Changes())); diff != "" {
		t.Errorf("asked again (-want +got):\n%s", diff)
	}

	v.Accept(far.Key)
	if diff := cmp.Diff([]string{"add ip 64.0.0.10"}, summary(v.Changes())); diff != "" {
		t.Errorf("after one was refused (-want +got):\n%s", diff)
	}

	v.Accept()
	v.Put(near)
	v.Remove("revoked", far.Key)
	want := []string{"update ip 64.0.0.9", "remove ip 64.0.0.10 revoked"}
	if diff := cmp.Diff(want, summary(v.Changes())); diff != "" {
		t.Errorf("after changes (-want +got):\n%s", diff)
	}

	v.Accept()
	if got := v.Changes(); len(got) != 0 {
		t.Errorf("after all is accepted: %v", summary(got))
	}
}

func TestDeliveryIsFirstUntilSomethingIsHeld(t *testing.T) {
	v := NewView(Entries(1, 3)...)
	if !v.Delivery().First {
		t.Error("the first delivery is not marked as the first")
	}
	v.Accept()
	if v.Delivery().First {
		t.Error("the second delivery is marked as the first")
	}
}

func TestNewDeliveryOrdersTheView(t *testing.T) {
	entries := Entries(3, 200)
	var got []indicator.Key
	for e, err := range NewDelivery(entries, nil).All(outputs.KeysOnly) {
		if err != nil {
			t.Fatal(err)
		}
		if merged := e.Assertions[0]; merged.Object != nil || merged.Source != "" || merged.TLP != indicator.TLPAmber {
			t.Fatalf("%s has the assertion %+v, want a merged one without source and object", e.Key, merged)
		}
		got = append(got, e.Key)
	}
	if !slices.IsSortedFunc(got, indicator.Compare) || len(got) != len(entries) {
		t.Errorf("%d keys, sorted: %t", len(got), slices.IsSortedFunc(got, indicator.Compare))
	}
	if entries[0].Assertions[0].Object == nil {
		t.Error("the caller's entries lost their objects")
	}
}

func TestSequenceEndsInItsError(t *testing.T) {
	broken := errors.New("broken")
	var items []int
	var last error
	for item, err := range Sequence([]int{1, 2}, broken) {
		if last = err; err == nil {
			items = append(items, item)
		}
	}
	if diff := cmp.Diff([]int{1, 2}, items); diff != "" || !errors.Is(last, broken) {
		t.Errorf("items %v, error %v", items, last)
	}
}

func TestEntriesDifferAndRepeat(t *testing.T) {
	entries := Entries(4, 20_000)
	seen := map[indicator.Key]bool{}
	for _, e := range entries {
		if seen[e.Key] {
			t.Fatalf("%s occurs twice", e.Key)
		}
		seen[e.Key] = true
		if e.Key.Kind == indicator.IP && !e.Key.Prefix().IsValid() {
			t.Fatalf("%s is not an address", e.Key)
		}
	}
	if diff := cmp.Diff(entries, Entries(4, 20_000)); diff != "" {
		t.Errorf("the same seed gave other entries:\n%s", diff)
	}
}

func TestEachShapeHasEveryKind(t *testing.T) {
	missing := map[indicator.Kind]bool{}
	for _, k := range indicator.Kinds() {
		missing[k] = true
	}
	shapes := map[string]bool{}
	for _, e := range EachShape() {
		delete(missing, e.Key.Kind)
		shapes[shape(e.Key)] = true
	}
	if len(missing) != 0 {
		t.Errorf("no entry of kinds %v", missing)
	}
	if want := len(indicator.Kinds()) + 4; len(shapes) != want {
		t.Errorf("%d shapes, want %d: %v", len(shapes), want, shapes)
	}
}

// TestKeysAreCanonical keeps the keys of this package to what the store can
// hold.
func TestKeysAreCanonical(t *testing.T) {
	entries := slices.Concat(EachShape(), Entries(5, 2000), hostileKeys())
	for _, e := range entries {
		c, err := indicator.Canon(e.Key.Kind, e.Key.Value)
		if err != nil || c.Key != e.Key || len(c.More) > 0 {
			t.Errorf("%s has the canonical form %s (%v)", e.Key, c.Key, err)
		}
	}
}

// Every address among the entries is one, and no entry is there twice, however many there
// are.
func TestManyEntries(t *testing.T) {
	entries := Entries(1, 200_000)
	seen := make(map[indicator.Key]bool, len(entries))
	for _, e := range entries {
		if e.Key.Kind == indicator.IP && e.Key.Prefix().String() == "invalid Prefix" {
			t.Fatalf("%s is no address", e.Key)
		}
		if seen[e.Key] {
			t.Fatalf("%s is there twice", e.Key)
		}
		seen[e.Key] = true
	}
}
