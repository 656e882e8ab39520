//go:build real

package store

import (
	"os"
	"os/exec"
	"testing"

	"github.com/indicatord/indicatord/internal/store/postgres/postgrestest"
)

// TestEverythingOnPostgres runs the tests of this package once more, as another
// process whose stores are in a PostgreSQL server.
func TestEverythingOnPostgres(t *testing.T) {
	if onPostgres() {
		t.Skip("this is that process")
	}
	server := postgrestest.Start(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.timeout=5m", "-test.v")
	cmd.Env = append(os.Environ(), serverVariable+"="+server.URL())
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// BenchmarkOnPostgres loads a server that waits for the disk, as it does at a
// site.
func BenchmarkOnPostgres(b *testing.B) {
	server := postgrestest.Start(b, "fsync=on", "max_wal_size=4GB")
	b.Setenv(serverVariable, server.URL())
	b.Run("Apply", BenchmarkApply)
	b.Run("RawInserts", BenchmarkRawInserts)
}

// TestTheTwinsOfTheSchema: both engines have the same tables with the same
// columns.
func TestTheTwinsOfTheSchema(t *testing.T) {
	if !onPostgres() {
		t.Skip("TestEverythingOnPostgres runs it")
	}
	s := openTest(t)
	for table, columns := range sqliteColumns(t) {
		got := queryText(t, s, "SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ?", table)
		if got != columns {
			t.Errorf("%s has the columns %q, and for SQLite %q", table, got, columns)
		}
	}
}

// sqliteColumns lists the columns of every table and view.
func sqliteColumns(t *testing.T) map[string]string {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer closeStore(t, s)
	columns := map[string]string{}
	for _, row := range listRows(t, s.write, "SELECT m.name, group_concat(c.name, ' ') FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type IN ('table', 'view') GROUP BY m.name") {
		columns[row[0]] = row[1]
	}
	return columns
}
