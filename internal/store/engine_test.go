package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/store/postgres"
)

// serverVariable names a database of PostgreSQL to the tests, which then make
// each of their stores a schema of it. Without it they use SQLite.
const serverVariable = "INDICATORD_STORE_TEST_POSTGRES"

func onPostgres() bool { return os.Getenv(serverVariable) != "" }

// onlySQLite skips a test of what only SQLite has.
func onlySQLite(tb testing.TB, because string) {
	tb.Helper()
	if onPostgres() {
		tb.Skip("not with PostgreSQL: " + because)
	}
}

// locate is the store that belongs to a directory.
func locate(dir string) Location {
	l := Location{Dir: dir}
	if onPostgres() {
		l.Postgres = &postgres.Settings{URL: os.Getenv(serverVariable) + "&search_path=" + schemaOf(dir)}
	}
	return l
}

func schemaOf(dir string) string { return fmt.Sprintf("t%x", sha256.Sum256([]byte(dir)))[:20] }

// open opens the store of a directory, which needs a schema before its first
// table.
func open(ctx context.Context, dir string) (*Store, error) {
	l := locate(dir)
	if l.Postgres == nil {
		return l.Open(ctx)
	}
	db, err := l.Postgres.Open("tests", false)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(ctx, "CREATE SCHEMA IF NOT EXISTS "+schemaOf(dir)); err != nil {
		return nil, err
	}
	return l.Open(ctx)
}

// joined is the aggregate of the engine that puts texts together.
func joined(s *Store, column, separator string) string {
	if s.Shared() {
		return fmt.Sprintf("string_agg(%s, '%s')", column, separator)
	}
	return fmt.Sprintf("group_concat(%s, '%s')", column, separator)
}

// TestEveryStepHasATwin: a step of the schema is written for both engines, under
// one name.
func TestEveryStepHasATwin(t *testing.T) {
	names := map[string][]string{}
	for _, e := range []engine{sqlite, shared} {
		files, err := fs.Glob(migrations, e.steps+"/*.sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			names[e.steps] = append(names[e.steps], path.Base(file))
		}
	}
	if diff := cmp.Diff(names[sqlite.steps], names[shared.steps]); diff != "" {
		t.Errorf("the steps differ (-SQLite +PostgreSQL):\n%s", diff)
	}
}
