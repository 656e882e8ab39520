package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql migrations/postgres/*.sql
var migrations embed.FS

// ErrNewer says that a newer program has written the state.
var ErrNewer = errors.New("the state was written by a newer version of indicatord")

// migration is one numbered step of the schema. Steps are never edited once
// released, only added to.
type migration struct {
	version int
	sql     string
}

func allMigrations(e engine) ([]migration, error) {
	names, err := fs.Glob(migrations, e.steps+"/*.sql")
	if err != nil {
		return nil, err
	}
	steps := make([]migration, 0, len(names))
	for _, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("migration %s has no number: %w", name, err)
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, migration{version: version, sql: string(text)})
	}
	return steps, nil
}

// migrate brings the schema to the newest version, each step in a transaction
// of its own.
func migrate(ctx context.Context, e engine, db *sql.DB) error {
	steps, err := allMigrations(e)
	if err != nil {
		return err
	}
	have, err := schemaVersion(ctx, e, db)
	if err != nil {
		return err
	}
	if err := notNewer(have, steps); err != nil {
		return err
	}
	for _, step := range steps {
		if step.version <= have {
			continue
		}
		if err := applyMigration(ctx, e, db, step); err != nil {
			return fmt.Errorf("migrating the state to schema version %d: %w", step.version, err)
		}
	}
	return nil
}

// notNewer refuses a schema that this program does not know.
func notNewer(have int, steps []migration) error {
	if newest := steps[len(steps)-1].version; have > newest {
		return fmt.Errorf("%w: its schema is version %d, this program knows %d: install the newer program, or restore a backup of the older state", ErrNewer, have, newest)
	}
	return nil
}

// readable refuses a schema that this program cannot read as it is.
func readable(e engine, have int) error {
	steps, err := allMigrations(e)
	if err != nil {
		return err
	}
	if newest := steps[len(steps)-1].version; have < newest {
		return fmt.Errorf("the state has schema version %d, older than the %d of this program: start the agent once to bring it up to date", have, newest)
	}
	return notNewer(have, steps)
}

func schemaVersion(ctx context.Context, e engine, q querier) (int, error) {
	version, err := e.version(ctx, q)
	if err != nil {
		return 0, fmt.Errorf("reading the schema version: %w", err)
	}
	return version, nil
}

// applyMigration takes a step, unless another agent on the same store has taken
// it meanwhile.
func applyMigration(ctx context.Context, e engine, db *sql.DB, step migration) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if e.shared {
		if err := takeLock(ctx, tx); err != nil {
			return err
		}
		if have, err := schemaVersion(ctx, e, tx); err != nil || have >= step.version {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, step.sql); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(e.setVersion, step.version)); err != nil {
		return err
	}
	return tx.Commit()
}
