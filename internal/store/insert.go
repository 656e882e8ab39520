package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// rowsPerInsert is how many rows one statement inserts: most of the cost of a
// row is the statement around it.
const rowsPerInsert = 48

// inserter gathers rows for one table and inserts many at a time.
type inserter struct {
	tx      *sql.Tx
	head    string
	columns int
	many    *sql.Stmt
	args    []any
	err     error
}

// onConflict is what happens to a row whose key is there already. None of them
// needs SQLite's statement journal: after a failure the transaction is rolled
// back whole.
type onConflict string

const (
	orFail    onConflict = "FAIL"
	orIgnore  onConflict = "IGNORE"
	orReplace onConflict = "REPLACE"
)

// newInserter takes the table with its columns: "table(a, b)".
func newInserter(tx *sql.Tx, conflict onConflict, into string) *inserter {
	return &inserter{tx: tx, head: "INSERT OR " + string(conflict) + " INTO " + into, columns: strings.Count(into, ",") + 1}
}

// add takes one row. The first error ends the work of the inserter and is
// returned by [inserter.flush].
func (i *inserter) add(ctx context.Context, row ...any) {
	if i.err != nil {
		return
	}
	i.args = append(i.args, row...)
	if len(i.args) == i.columns*rowsPerInsert {
		i.err = i.insertMany(ctx)
		i.args = i.args[:0]
	}
}

func (i *inserter) insertMany(ctx context.Context) error {
	if i.many == nil {
		many, err := i.tx.PrepareContext(ctx, i.statement(rowsPerInsert))
		if err != nil {
			return err
		}
		i.many = many
	}
	_, err := i.many.ExecContext(ctx, i.args...)
	return err
}

func (i *inserter) statement(rows int) string {
	return i.head + " VALUES " + tuples(rows, i.columns)
}

// flush inserts what is left.
func (i *inserter) flush(ctx context.Context) error {
	if i.err == nil && len(i.args) > 0 {
		_, i.err = i.tx.ExecContext(ctx, i.statement(len(i.args)/i.columns), i.args...)
		i.args = i.args[:0]
	}
	if i.many != nil {
		_ = i.many.Close()
	}
	if i.err != nil {
		return fmt.Errorf("%s: %w", strings.ToLower(i.head), i.err)
	}
	return nil
}

// tuples writes "(?,?),(?,?)" for rows of columns.
func tuples(rows, columns int) string {
	row := "(" + marks(columns) + ")"
	return strings.TrimSuffix(strings.Repeat(row+",", rows), ",")
}

// marks writes "?,?,?".
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

// inChunks calls f with the values of a query "… IN (marks)", at most 200 at a
// time.
func inChunks[T any](values []T, f func(marks string, args []any) error) error {
	const most = 200
	for len(values) > 0 {
		n := min(most, len(values))
		args := make([]any, n)
		for i, v := range values[:n] {
			args[i] = v
		}
		if err := f(marks(n), args); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}
