package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
)

// fileName is the database in the state directory.
const fileName = "indicatord.db"

// Store is an open state directory. It is safe for concurrent use: writes take
// turns, reads see the last commit and block nobody.
type Store struct {
	engine engine
	path   string
	lock   *os.File // nil when read only
	write  *sql.DB  // one connection; nil when read only
	read   *sql.DB
	claims claims

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
	s := &Store{engine: sqlite, path: filepath.Join(dir, fileName), lock: lock}
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
	if err := s.prepare(ctx); err != nil {
		return err
	}
	return s.openForReading(ctx)
}

// prepare brings what was connected for writing up to date.
func (s *Store) prepare(ctx context.Context) error {
	s.write.SetMaxOpenConns(1)
	if err := migrate(ctx, s.engine, s.write); err != nil {
		return err
	}
	if err := s.ensureSeed(ctx); err != nil {
		return err
	}
	return s.numbers.load(ctx, s.write)
}

// OpenReadOnly opens the state in dir for reading, beside a daemon that may be
// writing to it. Where there is none, the error is [fs.ErrNotExist].
func OpenReadOnly(ctx context.Context, dir string) (*Store, error) {
	s := &Store{engine: sqlite, path: filepath.Join(dir, fileName)}
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
	return s.prepareReader(ctx)
}

func (s *Store) prepareReader(ctx context.Context) error {
	s.read.SetMaxOpenConns(8)
	have, err := schemaVersion(ctx, s.engine, s.read)
	if err == nil {
		err = readable(s.engine, have)
	}
	if err != nil {
		return err
	}
	s.objects.log, s.entries.log = "object_hashes", "entry_hashes"
	s.objects.shared, s.entries.shared = s.engine.shared, s.engine.shared
	return s.loadSeed(ctx)
}

// Close closes the store. What is committed is safe whether it is called or not.
func (s *Store) Close() error {
	s.claims.close()
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

// Path returns the path of the database file, "" for a shared store.
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
		return fmt.Errorf("reading the seed of the state: %w", err)
	}
	return nil
}

// inTransaction runs f in a writing transaction. When it fails, nothing of it
// remains.
func (s *Store) inTransaction(ctx context.Context, what string, f func(*sql.Tx) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.inTurn(ctx, what, f)
}

// inTurn is the rest of [Store.inTransaction], for who holds writing.
func (s *Store) inTurn(ctx context.Context, what string, f func(*sql.Tx) error) error {
	before := s.numbers
	err := s.transact(ctx, f)
	if err != nil {
		s.numbers = before
		if s.engine.shared { // they may have read what was not to be
			s.objects.forget()
			s.entries.forget()
		}
		return fmt.Errorf("%s: %w", what, s.advise(err))
	}
	return nil
}

func (s *Store) transact(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := s.takeTurn(ctx, tx); err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}
