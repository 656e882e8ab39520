package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver named "sqlite"
)

// sqlite is the store of one agent: one file in the state directory.
var sqlite = engine{
	steps: "migrations",
	version: func(ctx context.Context, q querier) (version int, err error) {
		err = q.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
		return version, err
	},
	setVersion: "PRAGMA user_version = %d",
	text:       func(text string) string { return text },
}

// createFile makes the database file where there is none, so that others may not
// read it: SQLite gives its own files the mode of this one.
func createFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return fmt.Errorf("making the state database: %w", err)
	}
	return f.Close()
}

// The write-ahead log lets readers go on during a write; FULL makes a commit
// survive a power cut. A first pull commits about 15 MB at a time, so the log
// is folded back each 32 MB. The cache is small on purpose: big tables only
// append.
var (
	writingPragmas = []string{
		"page_size(8192)", "journal_mode(WAL)", "synchronous(FULL)", "wal_autocheckpoint(4096)",
		"cache_size(-16384)", "temp_store(MEMORY)", "busy_timeout(10000)", "foreign_keys(OFF)",
	}
	readingPragmas = []string{"query_only(ON)", "cache_size(-4096)", "temp_store(FILE)", "busy_timeout(10000)"}
)

// connect opens the database with the pragmas and what else is to be said in its
// URI.
func connect(path string, pragmas []string, options url.Values) (*sql.DB, error) {
	values := url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}
	maps.Copy(values, options)
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+values.Encode())
	if err != nil {
		return nil, fmt.Errorf("opening the state database %s: %w", path, err)
	}
	return db, nil
}

// advise says what to do about what the engine only names.
func (s *Store) advise(err error) error {
	if s.engine.shared {
		return adviseShared(err)
	}
	if codeOf(err) == codeFull {
		return fmt.Errorf("%w: make room on the disk of %s; nothing that was stored is lost", err, filepath.Dir(s.path))
	}
	return err
}
