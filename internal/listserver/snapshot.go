package listserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/indicatord/indicatord/internal/servedlist"
)

// maxList bounds a list that is served, which is held in memory.
const maxList = 512 << 20

// snapshot is one version of a list, ready to be sent. It never changes.
type snapshot struct {
	version    servedlist.Version
	allowEmpty bool
	forms      map[coding]form
}

// form is the list in one coding, with the headers that go with it. They are made
// once, since most requests are answered with nothing else.
type form struct {
	body   []byte
	header http.Header
}

// coding is a content coding (RFC 9110, section 8.4.1), "" for none.
type coding string

const (
	identity coding = ""
	gzipped  coding = "gzip"
	zstded   coding = "zstd"
)

// servable reports whether a device may be given the snapshot.
func (s *snapshot) servable() error {
	if s.version.Entries == 0 && !s.allowEmpty {
		return errors.New("the list is empty, and an empty one is not served without allow_empty")
	}
	return nil
}

// newForm prepares what is sent in one coding. The entity tag is a strong validator
// (RFC 9110, section 8.8.3): forms of one version have different ones, since their
// bytes differ.
func newForm(v servedlist.Version, c coding, body []byte) form {
	tag := v.SHA256
	if c != identity {
		tag += "-" + string(c)
	}
	header := http.Header{}
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "private, no-cache")
	header.Set("Vary", "Accept-Encoding")
	header.Set("ETag", `"`+tag+`"`)
	if c != identity {
		header.Set("Content-Encoding", string(c))
		header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	return form{body, header}
}

// shelf holds the newest whole snapshot of one file.
type shelf struct {
	path string
	log  *slog.Logger
	now  func() time.Time

	looked  atomic.Int64 // when the disk was last looked at, in nanoseconds
	loading sync.Mutex   // held while the disk is read
	mu      sync.RWMutex
	newest  *snapshot
	err     error  // why there is no newer one
	stamp   string // of the files when they were read
}

// lookEvery is how long a list on the disk may be newer than what is served. A
// crowd of requests does not look more often.
const lookEvery = 100 * time.Millisecond

// get returns the newest snapshot. Where the files on the disk are damaged, the
// last whole one stays, and err says why; it is nil where there never was one.
// While one request loads a new version, others get the old one.
func (s *shelf) get() (newest *snapshot, err error) {
	newest, seen, err := s.state()
	if newest != nil && !s.mayLook() {
		return newest, err
	}
	stamp := s.stampOf()
	if seen == stamp {
		return newest, err
	}
	if newest == nil {
		s.loading.Lock()
	} else if !s.loading.TryLock() {
		return newest, err
	}
	defer s.loading.Unlock()
	if newest, seen, err = s.state(); seen == stamp {
		return newest, err
	}
	return s.load(stamp)
}

// mayLook reports whether it is time to look at the disk again.
func (s *shelf) mayLook() bool {
	now, last := s.now().UnixNano(), s.looked.Load()
	passed := time.Duration(now - last)
	return (passed < 0 || passed >= lookEvery) && s.looked.CompareAndSwap(last, now)
}

func (s *shelf) state() (newest *snapshot, seen string, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.newest, s.stamp, s.err
}

func (s *shelf) load(stamp string) (*snapshot, error) {
	loaded, err := loadSnapshot(s.path)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.newest = loaded
	} else if s.newest != nil {
		s.log.Error("a list on the disk cannot be served; the last whole version of it still is", "list", s.path, "error", err)
	}
	s.err, s.stamp = err, stamp
	return s.newest, s.err
}

// stampOf changes when the list or its record does.
func (s *shelf) stampOf() string {
	return stampOf(s.path) + " " + stampOf(servedlist.RecordPath(s.path))
}

func stampOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(info.Size(), info.ModTime().UnixNano(), inode(info))
}

// errNotMade is the error of a list that no delivery has written.
var errNotMade = errors.New("the list was not made yet")

func loadSnapshot(path string) (*snapshot, error) {
	record, err := servedlist.ReadRecord(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNotMade
	}
	if err != nil {
		return nil, err
	}
	content, err := readWhole(path)
	if err != nil {
		return nil, fmt.Errorf("reading the list: %w", err)
	}
	sum, err := servedlist.Sum(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	version, found := record.Find(sum)
	if !found {
		return nil, fmt.Errorf("%s is damaged: its checksum is that of no version that was written; the next delivery mends it", path)
	}
	return newSnapshot(version, record.AllowEmpty, content)
}

func readWhole(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxList {
		return nil, fmt.Errorf("%s has %d bytes, more than the %d of a list that is served", path, info.Size(), maxList)
	}
	return os.ReadFile(path)
}

// newSnapshot prepares every form, once for all requests.
func newSnapshot(v servedlist.Version, allowEmpty bool, content []byte) (*snapshot, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(content); err != nil {
		return nil, fmt.Errorf("compressing the list: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compressing the list: %w", err)
	}
	encoder, err := zstd.NewWriter(io.Discard, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("compressing the list: %w", err)
	}
	defer func() { _ = encoder.Close() }()
	return &snapshot{v, allowEmpty, map[coding]form{
		identity: newForm(v, identity, content),
		gzipped:  newForm(v, gzipped, bytes.Clone(packed.Bytes())),
		zstded:   newForm(v, zstded, encoder.EncodeAll(content, nil)),
	}}, nil
}

// shelves hold what is served, by file.
type shelves struct {
	dir string
	log *slog.Logger
	now func() time.Time
	mu  sync.Mutex
	all map[string]*shelf
}

func (s *shelves) of(file string) *shelf {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[file] == nil {
		s.all[file] = &shelf{path: filepath.Join(s.dir, file), log: s.log, now: s.now}
	}
	return s.all[file]
}

// warm loads what there is, so that the first device does not wait for it.
func (s *shelves) warm(serves func(file string) bool) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return // The requests say what is wrong with the directory.
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && serves(e.Name()) {
			_, _ = s.of(e.Name()).get()
		}
	}
}

// retryAfter is how long a device shall wait that cannot be served: a delivery may
// mend it by then.
const retryAfter = 30 * time.Second
