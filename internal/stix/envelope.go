package stix

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Envelope is one answer of a TAXII server: a TAXII 2.1 envelope, or the bundle
// that TAXII 2.0 answers with.
type Envelope struct {
	// More says that the server holds further objects.
	More bool
	// Next is the server's own word for where they begin; it may be empty even
	// where there are more.
	Next string
	// Objects are the objects as received. Each is one JSON value, and need not
	// be an object, let alone a valid one.
	Objects []json.RawMessage
}

// ErrNotEnvelope is the error of JSON that is neither a STIX bundle nor a TAXII
// envelope.
var ErrNotEnvelope = errors.New("neither a STIX bundle nor a TAXII envelope")

// SplitEnvelope cuts an envelope or a bundle into its objects, which share
// memory with data. The whole must be one JSON value with nothing after it; a
// name that occurs twice, bytes that are not UTF-8 and values that nest too deep
// inside an object are that object's own trouble.
func SplitEnvelope(data []byte) (Envelope, error) {
	data = bytes.TrimPrefix(data, byteOrderMark)
	envelope, err := splitEnvelope(data, data)
	if err == nil {
		return envelope, nil
	}
	if masked, some := maskDeep(data); some {
		envelope, err = splitEnvelope(data, masked)
	}
	return envelope, err
}

// splitEnvelope reads an envelope, and takes its objects from data, which has them
// at the same places.
func splitEnvelope(data, readable []byte) (Envelope, error) {
	r := envelopeReader{dec: newTolerantDecoder(bytes.NewBuffer(readable))}
	var objects []json.RawMessage
	err := r.read(func() error {
		value, err := r.dec.ReadValue()
		if err != nil {
			return err
		}
		end := int(r.dec.InputOffset())
		objects = append(objects, json.RawMessage(data[end-len(value):end:end]))
		return nil
	})
	if err != nil {
		return Envelope{}, fmt.Errorf("read envelope: %w", err)
	}
	r.envelope.Objects = objects
	return r.envelope, nil
}

var byteOrderMark = []byte("\xef\xbb\xbf")

func newTolerantDecoder(r io.Reader) *jsontext.Decoder {
	return jsontext.NewDecoder(r, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// envelopeReader reads what is around the objects.
type envelopeReader struct {
	dec      *jsontext.Decoder
	envelope Envelope
	known    bool // a member that tells an envelope or a bundle was there
	members  int
	objects  bool // the objects were there
}

// read reads the whole envelope. It calls element to read each object from the
// decoder, and ends with the error of element.
func (r *envelopeReader) read(element func() error) error {
	if kind := r.dec.PeekKind(); kind != '{' && kind != 0 {
		return ErrNotEnvelope
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return whole(err)
	}
	for r.dec.PeekKind() != '}' {
		if err := r.member(element); err != nil {
			return whole(err)
		}
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return whole(err)
	}
	if r.members > 0 && !r.known {
		return ErrNotEnvelope
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.Join(errors.New("there is more after the end"), err)
	}
	return nil
}

// whole replaces an early end of the data by an error that says so.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *envelopeReader) member(element func() error) error {
	name, err := r.dec.ReadToken()
	if err != nil {
		return err
	}
	r.members++
	switch name.String() {
	case "objects":
		r.known = true
		return r.elements(element)
	case "more":
		r.known = true
		return r.more()
	case "next":
		r.known = true
		return r.next()
	case "type":
		return r.bundleType()
	}
	return r.dec.SkipValue()
}

// elements reads the list of objects, which may be null.
func (r *envelopeReader) elements(element func() error) error {
	if r.objects {
		return errors.New(`"objects" occurs twice`)
	}
	r.objects = true
	list, err := r.dec.ReadToken()
	if err != nil || list.Kind() == 'n' {
		return err
	}
	if list.Kind() != '[' {
		return errors.New(`"objects" is not a list`)
	}
	for r.dec.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err = r.dec.ReadToken()
	return err
}

func (r *envelopeReader) more() error {
	token, err := r.dec.ReadToken()
	if err != nil {
		return err
	}
	switch token.Kind() {
	case 't', 'f':
		r.envelope.More = token.Bool()
	case 'n':
	default:
		return errors.New(`"more" is neither true nor false`)
	}
	return nil
}

// next takes a number for its text: the word is the server's own.
func (r *envelopeReader) next() error {
	token, err := r.dec.ReadToken()
	if err != nil {
		return err
	}
	switch token.Kind() {
	case '"', '0':
		r.envelope.Next = token.String()
	case 'n':
	default:
		return errors.New(`"next" is not a string`)
	}
	return nil
}

func (r *envelopeReader) bundleType() error {
	value, err := r.dec.ReadValue()
	if err != nil {
		return err
	}
	r.known = r.known || string(value) == `"bundle"`
	return nil
}
