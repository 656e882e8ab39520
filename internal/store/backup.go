package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes the state as it is at this moment to a new file, beside a daemon
// that may be writing: one consistent database that takes the place of the
// state's own to restore it. A file that is there already is not touched, and
// what is there after an error is nothing.
func (s *Store) Backup(ctx context.Context, path string) error {
	if s.engine.shared {
		return ErrSharedBackup
	}
	if err := s.backup(ctx, path); err != nil {
		return fmt.Errorf("writing a backup of the state: %w", err)
	}
	return nil
}

func (s *Store) backup(ctx context.Context, path string) error {
	switch _, err := os.Lstat(path); {
	case err == nil:
		return fmt.Errorf("%s: %w: choose another name", path, fs.ErrExist)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(path), ".indicatord-backup-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part.Name()) }()
	if err := errors.Join(part.Chmod(0o640), part.Close()); err != nil {
		return err
	}
	if err := s.copyInto(ctx, part.Name()); err != nil {
		return s.advise(err)
	}
	if err := syncFile(part.Name()); err != nil {
		return err
	}
	return os.Link(part.Name(), path)
}

// copyInto copies into an empty file. It takes a connection of its own: those
// that read may not write, not even elsewhere.
func (s *Store) copyInto(ctx context.Context, path string) error {
	db, err := connect(s.path, []string{"busy_timeout(10000)"}, nil)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", path)
	return errors.Join(err, db.Close())
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
