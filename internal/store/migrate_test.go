package store

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
)

var update = flag.Bool("update", false, "write the fixture of the newest schema")

// TestMigrations opens a state of every released schema and finds what it held.
// The fixtures are SQL: "go test -update" writes that of the newest schema, and
// those of older ones stay as they are for ever.
func TestMigrations(t *testing.T) {
	onlySQLite(t, "the fixtures are for SQLite")
	steps, err := allMigrations(sqlite)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		writeFixture(t, steps[len(steps)-1].version)
	}
	for i, step := range steps {
		if step.version != i+1 {
			t.Fatalf("the migrations go from %d to %d", i, step.version)
		}
		t.Run(fmt.Sprintf("from version %d", step.version), func(t *testing.T) {
			s := openIn(t, loadFixture(t, step.version))
			checkFixture(t, s)
			checkConsistent(t, s)
			mustApply(t, s, batch(version("indicator--1", 9, "a.example", "new.example")))
			checkConsistent(t, s)
		})
	}
}

func TestMigratingTwiceChangesNothing(t *testing.T) {
	onlySQLite(t, "the fixtures are for SQLite")
	s := openTest(t)
	before := queryText(t, s, "SELECT group_concat(sql) FROM sqlite_master")
	if err := migrate(t.Context(), sqlite, s.write); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, queryText(t, s, "SELECT group_concat(sql) FROM sqlite_master")); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// fill makes the state that the fixtures hold: something in every table.
func fill(t *testing.T, s *Store) {
	b := batch(
		lasting(version("indicator--1", 1, "a.example", "b.example"), noon.Add(-time.Hour), noon.Add(time.Hour)),
		version("indicator--2", 1, "b.example"), version("indicator--3", 1, "c.example"), version("indicator--4", 1, "d.example"))
	b.Objects[0].Rejects = []Reject{{ObjectID: "indicator--1", Code: "odd", Detail: "a detail", Value: "a value"}}
	b.Packer = NewPacker()
	for i := range b.Objects {
		b.Objects[i].Place = b.Packer.Add(fmt.Appendf(nil, "received %d", i+1))
	}
	b.Cursor = []byte("a cursor")
	b.Objects[0].Unresolved = []string{"marking-definition--9"}
	b.Objects[1].CreatedBy = "identity--1"
	b.Objects = append(b.Objects, malware("malware--1", 1, "Loader"), indicates("relationship--1", 1, "indicator--1", "malware--1"),
		definition("marking-definition--1", indicator.TLPAmber))
	mustApply(t, s, b)
	next := batch(version("indicator--2", 2, "b.example", "e.example"), revocation("indicator--3", 2))
	next.Withdrawn = []string{"indicator--4"}
	mustApply(t, s, next)
	mustRecord(t, s, "list", noon, LedgerChange{Entry: 1, Digest: 11}, LedgerChange{Entry: 2, Digest: 22, Refused: "too long"})
	for _, err := range []error{
		s.Advance(t.Context(), "list", Progress{Sequence: 5, Policy: "view", Delivered: noon}),
		s.SetComplete(t.Context(), "hub", noon),
		s.Audit(t.Context(), AuditRecord{At: noon, Who: "wang", Action: "pause", Subject: "all", Reason: "maintenance", After: []byte(`{}`)}),
		s.SetPause(t.Context(), Pause{Subject: PauseAll, Since: noon, Who: "wang", Reason: "maintenance"}),
		s.Offer(t.Context(), "log", []int64{3, 1}),
		s.Hold(t.Context(), Hold{Output: "list", Since: noon, Digest: "one", Shown: []byte(`{}`)}),
		s.AddRun(t.Context(), Run{Kind: Pull, Name: "hub", Started: noon, Ended: noon, Counts: []byte(`{}`)}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func checkFixture(t *testing.T, s *Store) {
	t.Helper()
	want := []string{
		"a.example: hub indicator--1 at 1, live",
		"b.example: hub indicator--1 at 1, live",
		"b.example: hub indicator--2 at 2, live",
		"c.example: hub indicator--3 at 2, revoked",
		"d.example: hub indicator--4 at 1, withdrawn",
		"e.example: hub indicator--2 at 2, live",
	}
	if diff := cmp.Diff(want, said(t, s)); diff != "" {
		t.Errorf("the facts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][2]uint64{"a.example": {11, 0}, "b.example": {0, 22}}, ledger(t, s, "list")); diff != "" {
		t.Errorf("the ledger (-want +got):\n%s", diff)
	}
	progress, err := s.Progress(t.Context(), "list")
	if want := (Progress{Sequence: 5, Policy: "view", Delivered: noon}); progress != want || err != nil {
		t.Errorf("the progress is %+v, %v", progress, err)
	}
	cursor, _ := s.Cursor(t.Context(), "hub")
	complete, _ := s.LastComplete(t.Context(), "hub")
	if string(cursor) != "a cursor" || !complete.Equal(noon) || !slices.Equal(codes(t, s, "hub"), []string{"indicator--1 odd"}) {
		t.Errorf("the source has the cursor %q, complete at %s, and rejects %q", cursor, complete, codes(t, s, "hub"))
	}
	if n, next, err := s.Sweep(t.Context(), noon.Add(30*time.Minute)); n != 0 || !next.Equal(noon.Add(time.Hour)) || err != nil {
		t.Errorf("%d are due, the next at %s, %v", n, next, err)
	}
	if last, _, err := s.LastRuns(t.Context(), Pull, "hub"); last == nil || err != nil {
		t.Errorf("the last run is %v, %v", last, err)
	}
	checkRelated(t, s)
	checkControl(t, s)
	checkOffers(t, s)
	if found, err := s.Find(t.Context(), []indicator.Key{domain("e.example")}); len(found) != 1 || err != nil {
		t.Errorf("e.example is found as %v, %v", found, err)
	}
}

// checkRelated looks for what the fixtures hold since schema version 2.
func checkRelated(t *testing.T, s *Store) {
	t.Helper()
	if queryText(t, s, "SELECT count(*) FROM objects WHERE stix_id = 'malware--1'") == "0" {
		return // an older fixture
	}
	if diff := cmp.Diff([]string{"Loader"}, threats(t, s, "a.example")); diff != "" {
		t.Errorf("the threats (-want +got):\n%s", diff)
	}
	levels, err := s.Markings(t.Context(), "hub")
	if diff := cmp.Diff(map[string]indicator.TLP{"marking-definition--1": indicator.TLPAmber}, levels); diff != "" || err != nil {
		t.Errorf("the markings (-want +got):\n%s%v", diff, err)
	}
}

// checkControl looks for what the fixtures hold since schema version 3.
func checkControl(t *testing.T, s *Store) {
	t.Helper()
	records, err := auditRecords(t, s, time.Time{})
	if err != nil {
		t.Error(err)
	}
	pauses, err := s.Pauses(t.Context(), noon)
	if err != nil {
		t.Error(err)
	}
	holds, err := s.Holds(t.Context())
	if err != nil {
		t.Error(err)
	}
	if len(records) != len(pauses) || len(pauses) != len(holds) {
		t.Errorf("there are %d records of the audit, %d pauses and %d holds: want one of each, or none in an older fixture", len(records), len(pauses), len(holds))
	}
}

// checkOffers looks for what the fixtures hold since schema version 4.
func checkOffers(t *testing.T, s *Store) {
	t.Helper()
	if queryText(t, s, "SELECT count(*) FROM outputs WHERE name = 'log'") == "0" {
		return // an older fixture
	}
	if n, err := s.DoubtOffer(t.Context(), "log", noon); n != 2 || err != nil {
		t.Errorf("%d entries were offered to the log, %v, want 2", n, err)
	}
}

func fixture(version int) string {
	return filepath.Join("testdata", fmt.Sprintf("schema-%d.sql", version))
}

func loadFixture(t *testing.T, version int) (dir string) {
	t.Helper()
	text, err := os.ReadFile(fixture(version))
	if err != nil {
		t.Fatalf("%v: go test -update writes the fixture of a new schema", err)
	}
	dir = t.TempDir()
	db, err := connect(filepath.Join(dir, fileName), writingPragmas, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), string(text)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// writeFixture writes a filled state as SQL.
func writeFixture(t *testing.T, version int) {
	t.Helper()
	s := openTest(t)
	fill(t, s)
	var text strings.Builder
	tables := listRows(t, s.write, "SELECT name, sql || ';' FROM sqlite_master WHERE sql NOT NULL ORDER BY type = 'table' DESC, type DESC, name")
	for _, table := range tables {
		text.WriteString(table[1] + "\n")
		if !strings.HasPrefix(table[1], "CREATE TABLE") {
			continue
		}
		var columns []string
		for _, c := range listRows(t, s.write, "SELECT name, '' FROM pragma_table_info('"+table[0]+"')") {
			columns = append(columns, "quote("+c[0]+")")
		}
		for _, row := range listRows(t, s.write, "SELECT "+strings.Join(columns, "||','||")+", '' FROM "+table[0]) {
			fmt.Fprintf(&text, "INSERT INTO %s VALUES (%s);\n", table[0], row[0])
		}
	}
	fmt.Fprintf(&text, "PRAGMA user_version = %d;\n", version)
	if err := os.WriteFile(fixture(version), []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func listRows(t *testing.T, db *sql.DB, query string) [][2]string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all [][2]string
	for rows.Next() {
		var row [2]string
		if err := rows.Scan(&row[0], &row[1]); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestAssertionsInWords: an operator can read the facts with any client.
func TestAssertionsInWords(t *testing.T) {
	s := openTest(t)
	full := version("indicator--1", 1, "a.example")
	full.Version = noon
	full.Assertions[0].Assertion = indicator.Assertion{
		Version: noon, ValidFrom: noon.Add(-time.Hour), ValidUntil: noon.Add(time.Hour), End: indicator.EndCeiling,
		Confidence: 85, TLP: indicator.TLPAmberStrict, Types: indicator.TypeMalicious | indicator.TypeCompromised,
		Direction: indicator.DirectionTo, Scope: indicator.ScopeSubdomains, Exactness: indicator.Widened,
	}
	bare := version("indicator--2", 1, "b.example")
	bare.Version = noon
	bare.Assertions[0].Assertion = indicator.Assertion{Version: noon, Confidence: indicator.Unstated}
	b := batch(full, bare)
	mustApply(t, s, b)
	b = batch()
	b.Withdrawn = []string{"indicator--2"}
	mustApply(t, s, b)
	const columns = "concat_ws(' | ', source, stix_id, kind, value, version, coalesce(valid_from, '-'), coalesce(valid_until, '-')," +
		" coalesce(CAST(confidence AS TEXT), '-'), tlp, direction, scope, exactness, ending, state, types)"
	got := queryText(t, s, "SELECT "+joined(s, "line", "\n")+" FROM (SELECT "+columns+" AS line FROM assertions_in_words ORDER BY stix_id) AS shown")
	want := "hub | indicator--1 | 2 | a.example | 2026-06-01 12:00:00 | 2026-06-01 11:00:00 | 2026-06-01 13:00:00 |" +
		" 85 | amber+strict | to | subdomains | widened | ceiling | live | compromised,malicious-activity\n" +
		"hub | indicator--2 | 2 | b.example | 2026-06-01 12:00:00 | - | - | - |  | unknown | exact | exact | none | withdrawn | "
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
