package servedlist

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/indicatord/indicatord/internal/atomicfile"
)

// maxRecord bounds what is read for a record.
const maxRecord = 64 << 10

// lastYear leaves room for the versions after one, whose times rise and have four
// digits for the year.
const lastYear = 9998

// keptVersions is how many versions a record names: the one that was announced
// last, the one before it, which is served until the last has its name, and some
// more, for attempts that were killed in between.
const keptVersions = 8

// Version is one content of a list. It never changes.
type Version struct {
	// SHA256 is the checksum of the content, in hexadecimal digits.
	SHA256 string `json:"sha256"`
	// Modified is when the version was made, in whole seconds. It is later than
	// that of the version before, whatever the clock does.
	Modified time.Time `json:"modified"`
	// Entries counts the entries of the whole list, in all its parts.
	Entries int `json:"entries"`
}

// Record says which versions of a list are whole, and what may be served.
type Record struct {
	// AllowEmpty says that the operator wants a list without entries served too.
	AllowEmpty bool `json:"allow_empty"`
	// Versions are the newest versions, the newest first.
	Versions []Version `json:"versions"`
}

// RecordPath returns where the record of the list at path is. The leading dot
// keeps it out of what is served.
func RecordPath(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".record")
}

// Sum returns the checksum of a content.
func Sum(content io.Reader) (string, error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, content); err != nil {
		return "", fmt.Errorf("reading the list for its checksum: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// ReadRecord reads the record of the list at path. The error wraps
// [fs.ErrNotExist] where there is none.
func ReadRecord(path string) (Record, error) {
	var r Record
	if err := readJSON(RecordPath(path), maxRecord, &r); err != nil {
		return Record{}, fmt.Errorf("reading the record of the list: %w", err)
	}
	if len(r.Versions) == 0 {
		return Record{}, fmt.Errorf("reading the record of the list: %s names no version", RecordPath(path))
	}
	if last := r.Newest().Modified; last.Year() > lastYear {
		return Record{}, fmt.Errorf("reading the record of the list: %s is damaged: %s is no time of a version", RecordPath(path), last)
	}
	return r, nil
}

// Find returns the version with a checksum.
func (r *Record) Find(sum string) (Version, bool) {
	at := slices.IndexFunc(r.Versions, func(v Version) bool { return v.SHA256 == sum })
	if at < 0 {
		return Version{}, false
	}
	return r.Versions[at], true
}

// Newest returns the version that was announced last.
func (r *Record) Newest() Version { return r.Versions[0] }

// Announce says that the content with the checksum of v is about to be the list at
// path, or that it is already. It comes before the list gets its name, so that the
// list on the disk has a version at any time. What is announced already is left as
// it is. A record that cannot be understood is written anew. v.Modified is made
// later than that of the version before.
func Announce(path string, v Version, allowEmpty bool) error {
	old, err := ReadRecord(path)
	if err != nil {
		old = Record{}
	}
	v.Modified = v.Modified.UTC().Truncate(time.Second)
	next := Record{AllowEmpty: allowEmpty, Versions: []Version{v}}
	if len(old.Versions) > 0 {
		next.Versions = old.following(v)
	}
	if old.AllowEmpty == allowEmpty && slices.Equal(old.Versions, next.Versions) {
		return nil
	}
	return writeJSON(RecordPath(path), 0o644, next)
}

// following returns the versions once v is the newest.
func (r *Record) following(v Version) []Version {
	last := r.Newest()
	if last.SHA256 == v.SHA256 {
		last.Entries = v.Entries
		return append([]Version{last}, r.Versions[1:]...)
	}
	if soonest := last.Modified.Add(time.Second); v.Modified.Before(soonest) {
		v.Modified = soonest
	}
	versions := append([]Version{v}, r.Versions...)
	return versions[:min(len(versions), keptVersions)]
}

func readJSON(path string, limit int64, into any) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return err
	}
	if int64(len(data)) > limit {
		return fmt.Errorf("%s has more than %d bytes: remove it", path, limit)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s is damaged: %w", path, err)
	}
	return nil
}

func writeJSON(path string, mode atomicfile.Mode, from any) error {
	data, err := json.Marshal(from)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", path, err)
	}
	_, err = atomicfile.Replace(path, mode, func(w io.Writer) error { _, err := w.Write(data); return err })
	return err
}

// isMissing reports whether there is no such file.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
