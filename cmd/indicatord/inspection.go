package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/gbt36643"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix"
)

// codeRevoked is the code of an indicator that its maker has taken back.
const codeRevoked indicator.Code = "revoked"

// inspectedValue is a line about a value that would be used.
type inspectedValue struct {
	ObjectID string `json:"object_id"`
	keyAnswer
	Exactness indicator.Exactness `json:"exactness"`
}

// inspectedReject is a line about something that would not be used.
type inspectedReject struct {
	ObjectID string         `json:"object_id"`
	Reject   indicator.Code `json:"reject"`
	Detail   string         `json:"detail"`
	// Value is the value or the part of the pattern, where there is one.
	Value string `json:"value,omitempty"`
}

// inspection reads one file after the other and writes what it finds.
type inspection struct {
	options stix.Options
	formats formats
	out     *bufio.Writer
	encoder *json.Encoder
	stderr  io.Writer
	summary summary
	unread  bool // a file could not be read to its end
}

func newInspection(stdout, stderr io.Writer, options stix.Options) *inspection {
	out := bufio.NewWriterSize(stdout, outputBuffer)
	return &inspection{options: options, out: out, encoder: newEncoder(out), stderr: stderr, summary: newSummary()}
}

// file inspects the file of that name, or stdin for "-". It reports what cannot
// be read; what cannot be written shows when the output is flushed.
func (i *inspection) file(name string, stdin io.Reader) {
	if name == "-" {
		i.read("standard input", stdin)
		return
	}
	file, err := os.Open(name)
	if err != nil {
		i.cannotRead(err)
		return
	}
	defer file.Close()
	i.read(name, file)
}

// recognised is how many bytes at the start of a file are looked at to see of
// what format it is.
const recognised = 64 << 10

// read reads a file of any format.
func (i *inspection) read(name string, r io.Reader) {
	buffered := bufio.NewReaderSize(r, recognised)
	start, _ := buffered.Peek(recognised) // whoever reads on meets the error again
	if m := i.formats.mapping(start); m != nil {
		i.records(name, buffered, m)
		return
	}
	i.bundle(name, buffered)
}

// records inspects a file of records that are no STIX. It needs the whole file,
// since records refer to one another.
func (i *inspection) records(name string, r io.Reader, m *gbt36643.Mapping) {
	data, err := io.ReadAll(io.LimitReader(r, maxInspected+1))
	if err == nil && len(data) > maxInspected {
		err = fmt.Errorf("the file has more than %d bytes", maxInspected)
	}
	if err != nil {
		i.cannotRead(fmt.Errorf("%s: %w", name, err))
		return
	}
	reading, err := gbt36643.Read(data, m)
	if err != nil {
		i.cannotRead(fmt.Errorf("%s: %w", name, err))
		return
	}
	for note, n := range reading.Notes {
		i.summary.notes[note] += n
	}
	for at := range reading.Records {
		record := &reading.Records[at]
		d := record.Derive(i.options)
		d.Notes = slices.DeleteFunc(d.Notes, func(note string) bool { // counted above
			return slices.Contains(record.Notes, note)
		})
		if err := i.object(&derivation{raw: record.Raw, derived: d}); err != nil {
			return
		}
	}
}

func (i *inspection) bundle(name string, r io.Reader) {
	for d := range derivations(r, i.options) {
		if d.unread != nil {
			i.cannotRead(fmt.Errorf("%s: %w", name, placed(d.unread)))
			continue
		}
		if err := i.object(d); err != nil {
			return
		}
	}
}

func (i *inspection) cannotRead(err error) {
	report(i.stderr, err)
	i.unread = true
}

// object writes what one object gives. The error is that of the output.
func (i *inspection) object(d *derivation) error {
	if d.noID {
		i.summary.objects.add(unknownType)
		return i.reject("", stix.Reject{Code: stix.CodeNoID, Detail: "this is not a JSON object with an id", Value: clip(string(d.raw))})
	}
	header := &d.derived.Header
	i.summary.objects.add(typeWord(header.Type))
	if header.Revoked && header.Type == "indicator" {
		return i.reject(header.ID, stix.Reject{Code: codeRevoked, Detail: "the indicator is revoked: its maker has taken it back"})
	}
	i.summary.note(&d.derived)
	for _, a := range d.derived.Assertions {
		if err := i.value(header.ID, a); err != nil {
			return err
		}
	}
	for _, r := range d.derived.Rejects {
		if err := i.reject(header.ID, r); err != nil {
			return err
		}
	}
	return nil
}

func (i *inspection) value(id string, a stix.KeyAssertion) error {
	i.summary.values.add(a.Key.Kind.String())
	return i.encoder.Encode(inspectedValue{id, keyAnswer{a.Key.Kind, a.Key.Value}, a.Assertion.Exactness})
}

func (i *inspection) reject(id string, r stix.Reject) error {
	i.summary.rejects.add(string(r.Code))
	return i.encoder.Encode(inspectedReject{id, r.Code, explain(r.Code, r.Detail), r.Value})
}

// placed says where an error of JSON is, in bytes from the start of the file.
func placed(err error) error {
	if syntax, ok := errors.AsType[*stix.SyntaxError](err); ok {
		return syntax
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("there is nothing in it")
	}
	return err
}

// clip bounds a text that only shows a person where to look.
func clip(text string) string {
	const most = 100
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
