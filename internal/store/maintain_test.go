package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"
)

// packed makes an object with bytes of its own in the packer of a batch.
func packed(p *Packer, o Object) Object {
	o.Place = p.Add([]byte(o.ID + " " + o.Version.String() + " " + strings.Repeat("x", 2000)))
	return o
}

func batchOf(objects ...Object) Batch {
	b := batch()
	b.Packer = NewPacker()
	for _, o := range objects {
		b.Objects = append(b.Objects, packed(b.Packer, o))
	}
	return b
}

func mustMaintain(t *testing.T, s *Store, now time.Time) Maintained {
	t.Helper()
	m, err := s.Maintain(context.Background(), now)
	if err != nil {
		t.Fatal(err)
	}
	checkConsistent(t, s)
	return m
}

func TestMaintainForgetsWhatWasOverLongAgo(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batchOf(version("indicator--1", 1, "a.example"), version("indicator--2", 1, "b.example"),
		version("indicator--3", 1, "c.example"), version("indicator--4", 1, "d.example")))
	over := batchOf(revocation("indicator--1", 2))
	over.Withdrawn = []string{"indicator--2"}
	mustApply(t, s, over)
	mustApply(t, s, batchOf(version("indicator--3", 2, "c.example")))

	if m := mustMaintain(t, s, noon.AddDate(0, 0, 89)); m.Objects+m.Entries != 0 {
		t.Errorf("after 89 days %+v is forgotten, want nothing", m)
	}
	if m := mustMaintain(t, s, noon.AddDate(0, 0, 91)); m.Objects != 1 || m.Entries != 1 {
		t.Errorf("after 91 days %+v is forgotten, want the withdrawn object and its entry", m)
	}
	if m := mustMaintain(t, s, noon.AddDate(0, 0, 366)); m.Objects != 1 || m.Entries != 1 {
		t.Errorf("after a year %+v is forgotten, want the revoked object and its entry", m)
	}
	if got := len(records(t, s)); got != 2 {
		t.Errorf("%d entries are left, want those of the live objects", got)
	}
}

func TestMaintainKeepsWhatAToolHolds(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batchOf(version("indicator--1", 1, "a.example"), version("indicator--2", 1, "b.example")))
	mustRecord(t, s, "list", noon, LedgerChange{Entry: 1, Digest: 7})
	mustApply(t, s, batchOf(version("indicator--1", 2, "z.example")))
	mustApply(t, s, batchOf(version("indicator--2", 2, "b.example")))
	const day = 25 * time.Hour
	if m := mustMaintain(t, s, noon.Add(day)); m.Entries != 0 {
		t.Errorf("%+v is forgotten, although the list holds the entry", m)
	}
	mustRecord(t, s, "list", noon, LedgerChange{Entry: 1})
	if m := mustMaintain(t, s, noon); m.Entries != 0 {
		t.Errorf("%+v is forgotten, although a delivery may be under way", m)
	}
	if m := mustMaintain(t, s, noon.Add(day)); m.Entries != 1 {
		t.Errorf("%+v is forgotten, want the entry that nobody holds", m)
	}
}

// TestMaintainBeforeTheEnd: an entry may be forgotten before the time at which
// an assertion of it would have ended.
func TestMaintainBeforeTheEnd(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batchOf(lasting(version("indicator--1", 1, "a.example"), noon, noon.AddDate(0, 0, 9)),
		lasting(version("indicator--2", 1, "b.example"), noon, noon.AddDate(0, 0, 9))))
	mustApply(t, s, batchOf(version("indicator--1", 2)))
	mustApply(t, s, batchOf(version("indicator--2", 2, "b.example")))
	if m := mustMaintain(t, s, noon.AddDate(0, 0, 2)); m.Entries != 1 {
		t.Errorf("%+v is forgotten, want the entry of which nothing is said", m)
	}
	if n, _ := mustSweep(t, s, noon.AddDate(0, 0, 10)); n != 2 {
		t.Errorf("%d times are past, want 2", n)
	}
	checkConsistent(t, s)
}

// TestMaintainNeverReusesANumber: outputs compare sequence numbers for ever.
func TestMaintainNeverReusesANumber(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	mustApply(t, s, batchOf(version("indicator--1", 1, "a.example"), version("indicator--2", 1, "b.example")))
	gone := batch()
	gone.Withdrawn = []string{"indicator--1", "indicator--2"}
	mustApply(t, s, gone)
	before, err := s.Sequence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mustMaintain(t, s, noon.AddDate(1, 0, 0))
	closeStore(t, s)
	s = openIn(t, dir)
	after, err := s.Sequence(t.Context())
	if err != nil || after != before {
		t.Errorf("the newest number is %d after maintaining and opening again, want %d (%v)", after, before, err)
	}
}

// TestMaintainPacksAnew: a source that sends everything again with every refresh
// must not fill the disk.
func TestMaintainPacksAnew(t *testing.T) {
	s := openTest(t)
	const objects, refreshes = 100, 20
	for n := 1; n <= refreshes; n++ {
		var all []Object
		for i := range objects {
			if i > 0 && n > 1 && i%10 == 0 {
				continue // one in ten stays as it was
			}
			all = append(all, version(fmt.Sprintf("indicator--%d", i), n, fmt.Sprintf("n%d.example", i)))
		}
		mustApply(t, s, batchOf(all...))
	}
	before := queryText(t, s, "SELECT count(*) FROM packs")
	m := mustMaintain(t, s, noon)
	after := queryText(t, s, "SELECT count(*) FROM packs")
	if m.Packs == 0 || len(after) >= len(before) {
		t.Errorf("%s packs became %s, want a tenth", before, after)
	}
	u := newUnpacker(s.read)
	defer u.close()
	places, err := readPlaces(t.Context(), mustBegin(t, s), "SELECT id, pack, start, size FROM objects ORDER BY id", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range places {
		raw, err := u.object(t.Context(), o.pack, o.start, o.size)
		if want := fmt.Sprintf("indicator--%d ", o.row-1); err != nil || !strings.HasPrefix(string(raw), want) {
			t.Fatalf("object %d reads %.30q, %v", o.row, raw, err)
		}
	}
}

func mustBegin(t *testing.T, s *Store) *sql.Tx {
	t.Helper()
	tx, err := s.read.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}
