package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	_ "modernc.org/sqlite" // the driver named "sqlite"
)

// fileName is the database in the state directory.
const fileName = "indicatord.db"

// Store is an open state directory. It is safe for concurrent use: writes take
// turns, reads see the last commit and block nobody.
type Store struct {
	path  string
	lock  *os.File // nil when read only
	write *sql.DB  // one connection; nil when read only
	read  *sql.DB

	seed    [16]byte
	objects directory
	entries directory

	writing sync.Mutex // held for the length of a writing transaction
	numbers numbers    // guarded by writing
}

// querier is what [sql.DB] and [sql.Tx] have in common for reading.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Open opens the state in dir for writing, makes it where there is none, and
// brings its schema up to date. Only one process may have it open so: a second
// gets a [LockedError] that names the first. The caller closes the store.
func Open(ctx context.Context, dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("making the state directory: %w", err)
	}
	lock, err := acquireLock(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{path: filepath.Join(dir, fileName), lock: lock}
	if err := s.openForWriting(ctx); err != nil {
		return nil, errors.Join(s.foreign(err), s.Close())
	}
	return s, nil
}

func (s *Store) openForWriting(ctx context.Context) error {
	err := createFile(s.path)
	if err != nil {
		return err
	}
	if s.write, err = connect(s.path, writingPragmas, nil); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	if err := migrate(ctx, s.write); err != nil {
		return err
	}
	if err := s.ensureSeed(ctx); err != nil {
		return err
	}
	if err := s.numbers.load(ctx, s.write); err != nil {
		return err
	}
	return s.openForReading(ctx)
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

// OpenReadOnly opens the state in dir for reading, beside a daemon that may be
// writing to it. Where there is none, the error is [fs.ErrNotExist].
func OpenReadOnly(ctx context.Context, dir string) (*Store, error) {
	s := &Store{path: filepath.Join(dir, fileName)}
	if _, err := os.Stat(s.path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("no state in %s: has the agent run yet? %w", dir, err)
		}
		return nil, fmt.Errorf("opening the state: %w", err)
	}
	err := s.openForReading(ctx)
	if unwritable(err) {
		err = s.openUnwritable(ctx, err)
	}
	if err != nil {
		return nil, errors.Join(s.foreign(err), s.Close())
	}
	return s, nil
}

func (s *Store) openForReading(ctx context.Context) error { return s.openReader(ctx, nil) }

func (s *Store) openReader(ctx context.Context, options url.Values) error {
	var err error
	if s.read, err = connect(s.path, readingPragmas, options); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(8)
	have, err := schemaVersion(ctx, s.read)
	if err == nil {
		err = readable(have)
	}
	if err != nil {
		return err
	}
	s.objects.log, s.entries.log = "object_hashes", "entry_hashes"
	return s.loadSeed(ctx)
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

// Close closes the store. What is committed is safe whether it is called or not.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.lock != nil {
		errs = append(errs, releaseLock(s.lock))
	}
	return errors.Join(errs...)
}

// Path returns the path of the database file.
func (s *Store) Path() string { return s.path }

func (s *Store) ensureSeed(ctx context.Context) error {
	var seed [16]byte
	_, _ = rand.Read(seed[:]) // never fails
	_, err := s.write.ExecContext(ctx, "INSERT OR IGNORE INTO meta(name, value) VALUES ('seed', ?)", hex.EncodeToString(seed[:]))
	if err != nil {
		return fmt.Errorf("preparing the state: %w", err)
	}
	return nil
}

func (s *Store) loadSeed(ctx context.Context) error {
	var text string
	err := s.read.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'seed'").Scan(&text)
	if err == nil {
		_, err = hex.Decode(s.seed[:], []byte(text))
	}
	if err != nil {
		return fmt.Errorf("reading the state database %s: %w", s.path, err)
	}
	return nil
}

// inTransaction runs f in a writing transaction. When it fails, nothing of it
// remains.
func (s *Store) inTransaction(ctx context.Context, what string, f func(*sql.Tx) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	before := s.numbers
	err := s.transact(ctx, f)
	if err != nil {
		s.numbers = before
		return fmt.Errorf("%s: %w", what, s.advise(err))
	}
	return nil
}

// advise says what to do about a full disk, which SQLite only names.
func (s *Store) advise(err error) error {
	if codeOf(err) == codeFull {
		return fmt.Errorf("%w: make room on the disk of %s; nothing that was stored is lost", err, filepath.Dir(s.path))
	}
	return err
}

func (s *Store) transact(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}
