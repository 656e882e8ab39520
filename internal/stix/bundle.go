package stix

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

// ErrObjectTooLarge is the error of an object with more bytes than allowed.
var ErrObjectTooLarge = errors.New("the object is too large")

// errStopped ends the reading when the caller wants no more.
var errStopped = errors.New("stopped")

// ReadBundle yields the objects of a STIX 2.0 or 2.1 bundle or of a TAXII
// envelope, one after the other, holding no more than one in memory. Each is
// one JSON value, and the caller's own.
//
// An object of more than maxObject bytes (0 or less means any number) yields an
// error for which errors.Is(err, [ErrObjectTooLarge]) holds, and the sequence
// goes on. After any other error it ends.
func ReadBundle(r io.Reader, maxObject int64) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		b := newBundleReader(r, maxObject)
		err := b.read(func() error {
			object, err := b.object()
			if err != nil && !errors.Is(err, ErrObjectTooLarge) {
				return err
			}
			if !yield(object, err) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, fmt.Errorf("read bundle: %w", placed(err)))
		}
	}
}

// SyntaxError is an error of the JSON around objects.
type SyntaxError struct {
	// Offset counts the bytes before the place.
	Offset int64
	// Pointer is the JSON pointer (RFC 6901) of the value, "" for the whole.
	Pointer string
	Err     error
}

// Error tells what is wrong and where.
func (e *SyntaxError) Error() string {
	if e.Pointer == "" {
		return fmt.Sprintf("offset %d: %v", e.Offset, e.Err)
	}
	return fmt.Sprintf("offset %d, in %q: %v", e.Offset, clipTo(e.Pointer, 100), e.Err)
}

// Unwrap returns what is wrong.
func (e *SyntaxError) Unwrap() error { return e.Err }

// placed makes errors of JSON our own: callers need not know the decoder.
func placed(err error) error {
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return &SyntaxError{Offset: syntactic.ByteOffset, Pointer: string(syntactic.JSONPointer), Err: syntactic.Err}
	}
	return err
}

type bundleReader struct {
	envelopeReader
	source *boundedReader
	most   int64
	count  int
}

func newBundleReader(r io.Reader, most int64) *bundleReader {
	buffered := bufio.NewReader(r)
	if start, _ := buffered.Peek(len(byteOrderMark)); bytes.Equal(start, byteOrderMark) {
		_, _ = buffered.Discard(len(byteOrderMark))
	}
	source := &boundedReader{r: buffered, left: -1}
	return &bundleReader{envelopeReader: envelopeReader{dec: newTolerantDecoder(source)}, source: source, most: most}
}

// object reads one object.
func (b *bundleReader) object() (json.RawMessage, error) {
	b.count++
	b.bound()
	value, err := b.dec.ReadValue()
	b.source.left = -1
	switch {
	case errors.Is(err, errBound):
		if err := b.skip(); err != nil {
			return nil, err
		}
		return nil, b.tooLarge()
	case err != nil:
		return nil, err
	case b.most > 0 && int64(len(value)) > b.most:
		return nil, b.tooLarge()
	}
	return json.RawMessage(bytes.Clone(value)), nil
}

// bound lets the decoder read as much as one object may have. What it holds in
// its buffer already comes on top.
func (b *bundleReader) bound() {
	if b.most > 0 {
		b.source.left = b.most
	}
}

func (b *bundleReader) tooLarge() error {
	return fmt.Errorf("object %d: %w: more than %d bytes", b.count, ErrObjectTooLarge, b.most)
}

// skip steps over an object token by token, each of which must fit the bound
// by itself.
func (b *bundleReader) skip() error {
	for depth := b.dec.StackDepth(); ; {
		b.bound()
		_, err := b.dec.ReadToken()
		b.source.left = -1
		if errors.Is(err, errBound) {
			return fmt.Errorf("object %d holds a single value of more than %d bytes", b.count, b.most)
		}
		if err != nil || b.dec.StackDepth() <= depth {
			return err
		}
	}
}

// errBound is the error of a [boundedReader] at its bound.
var errBound = errors.New("bound reached")

// boundedReader reads at most left bytes before it fails, or without bound
// where left is negative. It may be given a new bound after it failed.
type boundedReader struct {
	r    io.Reader
	left int64
}

// Read reads up to the bound.
func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left < 0 {
		return b.r.Read(p)
	}
	if b.left == 0 {
		return 0, errBound
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
