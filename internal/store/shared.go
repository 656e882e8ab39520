package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/indicatord/indicatord/internal/store/postgres"
)

// ErrSharedBackup says that a shared store is backed up with the tools of its
// server.
var ErrSharedBackup = errors.New("the state is in PostgreSQL, which has its own tool for a copy beside running agents: pg_dump --format=custom --file=FILE DATABASE, and pg_restore --clean --dbname=DATABASE FILE to bring it back while no agent runs")

// Location is where a store is: in a directory of its own, or in a PostgreSQL
// database that the agents of a site share.
type Location struct {
	// Dir is the state directory of this machine, which holds the lock of the
	// daemon in either case.
	Dir string
	// Postgres is nil for a database of SQLite in Dir.
	Postgres *postgres.Settings
}

// shared is the store of several agents.
var shared = engine{
	steps:      "migrations/postgres",
	version:    sharedVersion,
	setVersion: "INSERT INTO meta(name, value) VALUES ('schema', '%d') ON CONFLICT(name) DO UPDATE SET value = excluded.value",
	text:       postgres.Storable,
	shared:     true,
}

// sharedVersion asks the catalogue with a query: a function such as to_regclass
// may not see what came while this transaction waited for its turn.
func sharedVersion(ctx context.Context, q querier) (version int, err error) {
	var empty bool
	if err := q.QueryRowContext(ctx, "SELECT NOT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'meta')").Scan(&empty); err != nil || empty {
		return 0, err
	}
	err = q.QueryRowContext(ctx, "SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'schema'").Scan(&version)
	return version, err
}

// Open opens the store for writing, makes it where there is none, and brings its
// schema up to date. Only one process of a machine may have a directory open so:
// see [Open]. Of a shared store, agents on other machines may.
func (l Location) Open(ctx context.Context) (*Store, error) {
	if l.Postgres == nil {
		return Open(ctx, l.Dir)
	}
	if err := os.MkdirAll(l.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("making the state directory: %w", err)
	}
	lock, err := acquireLock(l.Dir)
	if err != nil {
		return nil, err
	}
	s := &Store{engine: shared, lock: lock}
	if err := s.openShared(ctx, l.Postgres); err != nil {
		return nil, errors.Join(adviseShared(err), s.Close())
	}
	return s, nil
}

// OpenReadOnly opens the store for reading, beside agents that may be writing to
// it.
func (l Location) OpenReadOnly(ctx context.Context) (*Store, error) {
	if l.Postgres == nil {
		return OpenReadOnly(ctx, l.Dir)
	}
	s := &Store{engine: shared}
	if err := s.openSharedReader(ctx, l.Postgres); err != nil {
		return nil, errors.Join(adviseShared(err), s.Close())
	}
	return s, nil
}

// Probe tries whether the store can be reached, without changing anything, and
// says in a line what was found.
func (l Location) Probe(ctx context.Context) (found string, err error) {
	s := &Store{engine: shared}
	defer func() { err = errors.Join(err, s.Close()) }()
	if s.read, err = l.Postgres.Open(sessionName(l.Postgres, "check"), true); err != nil {
		return "", err
	}
	var server, database string
	var may bool
	err = s.read.QueryRowContext(ctx, "SELECT current_setting('server_version'), current_database(), coalesce(has_schema_privilege(current_schema(), 'CREATE'), FALSE)").
		Scan(&server, &database, &may)
	if err != nil {
		return "", adviseShared(err)
	}
	have, err := schemaVersion(ctx, shared, s.read)
	switch {
	case err != nil:
		return "", err
	case have == 0 && !may:
		return "", fmt.Errorf("database %s holds no state, and this user may not make tables there: make the database its own (ALTER DATABASE %s OWNER TO …)", database, database)
	}
	return fmt.Sprintf("PostgreSQL %s, database %s, schema version %d", server, database, have), nil
}

func (s *Store) openShared(ctx context.Context, settings *postgres.Settings) error {
	var err error
	if s.write, err = settings.Open(sessionName(settings, "writes"), false); err != nil {
		return err
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	s.claims.open = func() (*sql.DB, error) { return settings.Open(sessionName(settings, ""), false) }
	return s.openSharedReader(ctx, settings)
}

func (s *Store) openSharedReader(ctx context.Context, settings *postgres.Settings) error {
	var err error
	if s.read, err = settings.Open(sessionName(settings, "reads"), true); err != nil {
		return err
	}
	return s.prepareReader(ctx)
}

const sessionPrefix = "indicatord "

// sessionName is what the server calls a connection: which process of which
// machine it is, and what it does. It keeps 63 bytes of it.
func sessionName(settings *postgres.Settings, does string) string {
	return strings.TrimSpace(fmt.Sprintf("%s%.30s pid %d %s", sessionPrefix, settings.MachineName(), os.Getpid(), does))
}

// writerLock is the lock of the one that writes, among the advisory locks of the
// database. Its bytes are the beginning of our name.
const writerLock = int64(0x696e64696361746f)

// takeLock waits until nobody else writes, and lets nobody write until the
// transaction ends.
func takeLock(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?)", writerLock)
	return err
}

// takeTurn begins a writing transaction where others write too: it waits for
// them, and catches up with what they have written. Who works under a [Claim]
// must still have it.
func (s *Store) takeTurn(ctx context.Context, tx *sql.Tx) error {
	if !s.engine.shared {
		return nil
	}
	if err := takeLock(ctx, tx); err != nil {
		return err
	}
	if err := checkClaim(ctx, tx); err != nil {
		return err
	}
	// Another agent may have been upgraded before this one.
	have, err := schemaVersion(ctx, s.engine, tx)
	if err == nil {
		err = readable(s.engine, have)
	}
	if err != nil {
		return err
	}
	return s.numbers.load(ctx, tx)
}

// adviseShared says of a server that cannot be reached that nothing is lost.
func adviseShared(err error) error {
	if !postgres.Unreachable(err) {
		return err
	}
	text := strings.Join(strings.Fields(err.Error()), " ")
	return &unreachableError{text: "the shared store cannot be reached; what it has stored stays, and the work goes on when PostgreSQL answers again: " + text, err: err}
}

// unreachableError puts an error of several lines into one.
type unreachableError struct {
	text string
	err  error
}

func (e *unreachableError) Error() string { return e.text }
func (e *unreachableError) Unwrap() error { return e.err }
