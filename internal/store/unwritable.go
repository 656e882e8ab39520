package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// The primary result codes of SQLite that have a meaning here
// (https://www.sqlite.org/rescode.html).
const (
	codeReadOnly     = 8
	codeFull         = 13
	codeCannotOpen   = 14
	codeNotADatabase = 26
)

// codeOf returns the primary result code of SQLite in err, 0 if there is none.
func codeOf(err error) int {
	if coded, ok := errors.AsType[interface {
		error
		Code() int
	}](err); ok {
		return coded.Code() & 0xff
	}
	return 0
}

// foreign says of a file that SQLite does not know that it is not ours.
func (s *Store) foreign(err error) error {
	if codeOf(err) != codeNotADatabase {
		return err
	}
	return fmt.Errorf("%s is not a state of indicatord: check the state directory in the configuration, or restore a backup: %w", s.path, err)
}

// unwritable reports whether err may come of a state directory that this user
// cannot write to: readers of a write-ahead log keep an index of it there.
func unwritable(err error) bool {
	code := codeOf(err)
	return code == codeReadOnly || code == codeCannotOpen
}

// openUnwritable opens a state whose directory this user cannot write to, after
// that failed with err. It can be read as it is where nothing waits in the
// write-ahead log. Only those who can write can read that log.
func (s *Store) openUnwritable(ctx context.Context, err error) error {
	if !logEmpty(s.path) {
		return fmt.Errorf("the state in %s has changes in its log, which a user who cannot write there cannot read: run this command as the agent's user, or as root: %w", filepath.Dir(s.path), err)
	}
	if err := s.read.Close(); err != nil {
		return err
	}
	if err := s.openReader(ctx, url.Values{"immutable": {"1"}}); err != nil {
		return fmt.Errorf("%w: run this command as the agent's user, or as root", err)
	}
	return nil
}

// logEmpty reports whether the database at path has no write-ahead log, or an
// empty one. Where that cannot be told, it has one.
func logEmpty(path string) bool {
	info, err := os.Stat(path + "-wal")
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	return info.Size() == 0
}
