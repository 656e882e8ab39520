package store

import (
	"context"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
)

// checkConsistent holds what must be true of every state: SQLite finds nothing
// wrong, tables agree with each other, the directories in memory and in the log
// find every row, and the numbers are above every id.
func checkConsistent(t *testing.T, s *Store) {
	t.Helper()
	if !s.Shared() {
		if got := queryText(t, s, "SELECT group_concat(integrity_check) FROM pragma_integrity_check"); got != "ok" {
			t.Errorf("integrity check: %s", got)
		}
	}
	for what, query := range map[string]string{
		"assertions without an entry":     "SELECT count(*) FROM assertions WHERE entry NOT IN (SELECT id FROM entries)",
		"assertions without an object":    "SELECT count(*) FROM assertions WHERE object NOT IN (SELECT id FROM objects)",
		"assertions of another source":    "SELECT count(*) FROM assertions a JOIN objects o ON o.id = a.object WHERE a.source <> o.source",
		"assertions of another state":     "SELECT count(*) FROM assertions a JOIN objects o ON o.id = a.object WHERE a.facets >> 28 & 3 <> o.state",
		"assertions without a text":       "SELECT count(*) FROM assertions WHERE object NOT IN (SELECT object FROM texts)",
		"objects without a pack":          "SELECT count(*) FROM objects WHERE size > 0 AND pack NOT IN (SELECT id FROM packs)",
		"touches of nothing":              "SELECT count(*) FROM touched WHERE entry NOT IN (SELECT id FROM entries)",
		"touches before the birth":        "SELECT count(*) FROM touched WHERE sequence <= entry",
		"a birth's number used twice":     "SELECT count(*) FROM touched WHERE sequence IN (SELECT id FROM entries)",
		"entries twice":                   "SELECT count(*) - count(DISTINCT kind || ' ' || value) FROM entries",
		"objects twice":                   "SELECT count(*) - count(DISTINCT source || ' ' || stix_id) FROM objects",
		"ledger rows of no entry":         "SELECT count(*) FROM ledger WHERE entry NOT IN (SELECT id FROM entries)",
		"ledger rows of no output":        "SELECT count(*) FROM ledger WHERE output NOT IN (SELECT id FROM outputs)",
		"relations of what has ended":     "SELECT count(*) FROM relations WHERE object NOT IN (SELECT id FROM objects WHERE state = 0)",
		"threats that have ended":         "SELECT count(*) FROM threats WHERE object NOT IN (SELECT id FROM objects WHERE state = 0)",
		"threats indicated by nothing":    "SELECT count(*) FROM indicated WHERE object NOT IN (SELECT id FROM objects)",
		"unresolved markings of nothing":  "SELECT count(*) FROM unresolved WHERE object NOT IN (SELECT id FROM objects)",
		"unresolved markings, resolved":   "SELECT count(*) FROM unresolved u JOIN markings m ON m.source = u.source AND m.stix_id = u.marking",
		"live assertions with a lost end": "SELECT count(*) FROM assertions a, meta m WHERE m.name = 'clock' AND a.facets >> 28 & 3 = 0 AND a.valid_until > CAST(m.value AS BIGINT) AND NOT EXISTS (SELECT 1 FROM due d WHERE d.day = a.valid_until / 86400000000 AND d.entry = a.entry AND d.at = a.valid_until)",
	} {
		if got := queryText(t, s, query); got != "0" {
			t.Errorf("%s: %s", what, got)
		}
	}
	checkDirectories(t, s)
	checkNumbers(t, s)
}

// checkDirectories looks every row up, with the directories as they are and with
// new ones that are read from the log.
func checkDirectories(t *testing.T, s *Store) {
	t.Helper()
	fresh := &Store{engine: s.engine, read: s.read, seed: s.seed}
	fresh.objects.log, fresh.entries.log = "object_hashes", "entry_hashes"
	rows := map[indicator.Key]int64{}
	keys := []indicator.Key{}
	for _, r := range records(t, s) {
		keys = append(keys, r.Entry.Key)
		rows[r.Entry.Key] = r.ID
	}
	for name, store := range map[string]*Store{"in memory": s, "in the log": fresh} {
		found, err := store.lookUpEntries(context.Background(), s.read, keys)
		if err != nil {
			t.Fatal(err)
		}
		for k, id := range rows {
			if found[k] != id {
				t.Errorf("%s: %v is found at %d, want %d", name, k, found[k], id)
			}
		}
		checkObjects(t, name, store)
	}
}

func checkObjects(t *testing.T, name string, s *Store) {
	t.Helper()
	rows, err := s.read.QueryContext(context.Background(), "SELECT id, source, stix_id FROM objects")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, source int64
		var stixID string
		if err := rows.Scan(&id, &source, &stixID); err != nil {
			t.Fatal(err)
		}
		found, err := s.lookUpObjects(context.Background(), s.read, source, []string{stixID})
		if err != nil {
			t.Fatal(err)
		}
		if found[stixID].id != id {
			t.Errorf("%s: object %q is found at %d, want %d", name, stixID, found[stixID].id, id)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func checkNumbers(t *testing.T, s *Store) {
	t.Helper()
	if s.write == nil {
		return
	}
	var stored numbers
	if err := stored.load(context.Background(), s.read); err != nil {
		t.Fatal(err)
	}
	if stored != s.numbers {
		t.Errorf("the numbers in memory are %+v, those of the tables %+v", s.numbers, stored)
	}
}
