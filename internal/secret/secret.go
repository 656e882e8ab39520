// Package secret holds values that must never be seen. A [Value] prints as
// [redacted] in every way Go has of printing; a [Ref] says where the value is
// and reads it anew each time, so that a rotated credential needs no restart.
package secret

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
)

const redacted = "[redacted]"

// maxSize bounds what is read for a secret: a wrong path must not fill memory.
const maxSize = 64 << 10

// Value is a secret. Only [Value.Reveal] gives it away. Two values of the same
// text need not be equal.
type Value struct {
	// text is a pointer, which fmt never follows: it does not call the methods
	// below for a Value in an unexported field of another struct.
	text *string
}

// New makes a secret of text.
func New(text string) Value { return Value{text: &text} }

// Reveal returns the secret itself, for the one place that sends it. It is empty
// for the zero Value.
func (v Value) Reveal() string {
	if v.text == nil {
		return ""
	}
	return *v.text
}

// String returns "[redacted]".
func (v Value) String() string { return redacted }

// GoString returns "[redacted]", for %#v.
func (v Value) GoString() string { return redacted }

// Format writes "[redacted]" whatever the verb.
func (v Value) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText writes "[redacted]", which JSON and YAML encoders use.
func (v Value) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue logs "[redacted]".
func (v Value) LogValue() slog.Value { return slog.StringValue(redacted) }

// Ref is where a secret is: exactly one of the fields is set.
type Ref struct {
	// Credential is the name of a systemd credential (LoadCredential=).
	Credential string `yaml:"credential"`
	// File is the path of a file that holds the secret; one newline at its end
	// is not part of it.
	File string `yaml:"file"`
	// Env is the name of an environment variable.
	Env string `yaml:"env"`
}

// IsZero reports whether no place is given.
func (r Ref) IsZero() bool { return r == Ref{} }

// Validate reports whether exactly one place is given.
func (r Ref) Validate() error {
	set := 0
	for _, s := range []string{r.Credential, r.File, r.Env} {
		if s != "" {
			set++
		}
	}
	if set != 1 {
		return errors.New("want exactly one of {credential: NAME}, {file: PATH} or {env: NAME}")
	}
	return nil
}

// Read reads the secret. It is called at each use. The error names the place,
// never the secret.
func (r Ref) Read() (Value, error) {
	switch {
	case r.Credential != "":
		dir := os.Getenv("CREDENTIALS_DIRECTORY")
		if dir == "" {
			return Value{}, fmt.Errorf("reading credential %q: CREDENTIALS_DIRECTORY is not set: is the service started by systemd with LoadCredential=%s:…?", r.Credential, r.Credential)
		}
		return readFile(filepath.Join(dir, filepath.Base(r.Credential)))
	case r.File != "":
		return readFile(r.File)
	case r.Env != "":
		text, ok := os.LookupEnv(r.Env)
		if !ok || text == "" {
			return Value{}, fmt.Errorf("reading a secret: environment variable %s is not set", r.Env)
		}
		return New(text), nil
	}
	return Value{}, r.Validate()
}

func readFile(path string) (Value, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Value{}, fmt.Errorf("reading a secret: %w", err)
	}
	if info.Size() > maxSize {
		return Value{}, fmt.Errorf("reading a secret: %s is %d bytes long, more than the %d a secret may have", path, info.Size(), maxSize)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Value{}, fmt.Errorf("reading a secret: %w", err)
	}
	data = bytes.TrimSuffix(bytes.TrimSuffix(data, []byte("\n")), []byte("\r"))
	if len(data) == 0 {
		return Value{}, fmt.Errorf("reading a secret: %s is empty", path)
	}
	return New(string(data)), nil
}
