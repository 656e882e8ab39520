package file

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/atomicfile"
)

// rotation says when a file is set aside, and what happens to it then. It is our
// own because the lines must be on the disk before the file goes aside, a file
// that was set aside must never be overwritten, and nothing may run on after the
// output is closed.
type rotation struct {
	maxSize  int64 // in bytes
	keep     int
	compress bool
}

const (
	// stampLayout is the time in the name of a file that was set aside. The names
	// sort as the times do.
	stampLayout = "20060102T150405.000"
	gzipSuffix  = ".gz"
)

// asideName returns the name of a file that is set aside at the time:
// "events-20260601T120000.000.ndjson" for "events.ndjson".
func asideName(target string, at time.Time) string {
	prefix, suffix := asideParts(target)
	return filepath.Join(filepath.Dir(target), prefix+at.UTC().Format(stampLayout)+suffix)
}

func asideParts(target string) (prefix, suffix string) {
	base := filepath.Base(target)
	suffix = filepath.Ext(base)
	return strings.TrimSuffix(base, suffix) + "-", suffix
}

// setAside renames the file. Two files within a millisecond, or a clock that was
// set back, do not make it take the name of another one.
func setAside(target string) error {
	aside := time.Now()
	for taken(asideName(target, aside)) {
		aside = aside.Add(time.Millisecond)
	}
	return os.Rename(target, asideName(target, aside))
}

func taken(path string) bool {
	for _, name := range []string{path, path + gzipSuffix} {
		if _, err := os.Lstat(name); err == nil {
			return true
		}
	}
	return false
}

// asides returns the paths of the files that were set aside, oldest first.
func asides(target string) ([]string, error) {
	files, err := os.ReadDir(filepath.Dir(target))
	if err != nil {
		return nil, err
	}
	prefix, suffix := asideParts(target)
	var paths []string
	for _, file := range files {
		stamp, ours := strings.CutPrefix(strings.TrimSuffix(file.Name(), gzipSuffix), prefix)
		stamp, also := strings.CutSuffix(stamp, suffix)
		if _, err := time.Parse(stampLayout, stamp); err != nil || !ours || !also || !file.Type().IsRegular() {
			continue
		}
		paths = append(paths, filepath.Join(filepath.Dir(target), file.Name()))
	}
	slices.Sort(paths)
	return paths, nil
}

// tidy removes the oldest files beyond those to keep and compresses the others,
// until ctx ends.
func (r rotation) tidy(ctx context.Context, target string) error {
	paths, err := asides(target)
	if err != nil {
		return err
	}
	surplus := max(0, len(paths)-r.keep)
	var problems []error
	for _, path := range paths[:surplus] {
		problems = append(problems, os.Remove(path))
	}
	for _, path := range paths[surplus:] {
		if !r.compress || strings.HasSuffix(path, gzipSuffix) || ctx.Err() != nil {
			continue
		}
		problems = append(problems, compress(path))
	}
	return errors.Join(problems...)
}

// compress replaces a file by its compressed form, with the same owner and mode.
// The file goes only once the compressed one is on the disk.
func compress(path string) error {
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return err
	}
	to := path + gzipSuffix
	if _, err := atomicfile.Replace(to, atomicfile.Mode(info.Mode().Perm()), func(w io.Writer) error {
		return gzipTo(w, from)
	}); err != nil {
		return fmt.Errorf("compressing: %w", err)
	}
	return os.Remove(path)
}

func gzipTo(w io.Writer, from io.Reader) error {
	compressed := gzip.NewWriter(w)
	if _, err := io.Copy(compressed, from); err != nil {
		return err
	}
	return compressed.Close()
}
