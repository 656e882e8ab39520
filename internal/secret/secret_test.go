package secret

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const text = "hunter2"

// holder holds a secret in each way a plugin might.
type holder struct {
	Name    string
	Value   Value
	Pointer *Value
	List    []Value
	Map     map[string]Value
	private Value
}

func newHolder() holder {
	v := New(text)
	return holder{Name: "hub", Value: v, Pointer: &v, List: []Value{v}, Map: map[string]Value{"a": v}, private: v}
}

func TestValueIsRevealedOnlyOnRequest(t *testing.T) {
	if got := New(text).Reveal(); got != text {
		t.Errorf("got %q", got)
	}
	if got := (Value{}).Reveal(); got != "" {
		t.Errorf("the zero value is %q", got)
	}
}

func TestValuePrintsRedactedWhateverTheVerb(t *testing.T) {
	v := New(text)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s", "%-30q", "%.3s", "%t", "%c", "%U", "%e", "%z"} {
		for _, shown := range []string{fmt.Sprintf(verb, v), fmt.Sprintf(verb, &v)} {
			if shown != redacted {
				t.Errorf("%s gives %q", verb, shown)
			}
		}
	}
	if v.String() != redacted || v.GoString() != redacted || fmt.Sprint(v) != redacted || fmt.Sprintln(v) != redacted+"\n" {
		t.Error("it prints itself")
	}
}

func TestValuePrintsRedactedInsideOthers(t *testing.T) {
	h := newHolder()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%p", "%z"} {
		for _, shown := range []string{fmt.Sprintf(verb, h), fmt.Sprintf(verb, &h), fmt.Sprintf(verb, []any{h, &h, h.List, h.Map})} {
			if leaks(shown) {
				t.Errorf("%s gives %s", verb, shown)
			}
		}
	}
}

// leaks reports whether a text shows the secret, as it is or as hexadecimal
// digits.
func leaks(shown string) bool {
	lower := strings.ToLower(shown)
	return strings.Contains(lower, text) || strings.Contains(lower, fmt.Sprintf("%x", text))
}

func TestValueIsRedactedInJSON(t *testing.T) {
	data, err := json.Marshal(newHolder())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Name":"hub","Value":"[redacted]","Pointer":"[redacted]","List":["[redacted]"],"Map":{"a":"[redacted]"}}`
	if string(data) != want {
		t.Errorf("got %s", data)
	}
}

func TestValueIsRedactedInLogs(t *testing.T) {
	var out bytes.Buffer
	options := &slog.HandlerOptions{Level: slog.LevelDebug}
	h := newHolder()
	for name, handler := range map[string]slog.Handler{"text": slog.NewTextHandler(&out, options), "json": slog.NewJSONHandler(&out, options)} {
		t.Run(name, func(t *testing.T) {
			out.Reset()
			slog.New(handler).With("with", h.Value).Info("pulled", "value", h.Value, "pointer", h.Pointer, "holder", h, "list", h.List,
				slog.Group("group", "value", h.Value))
			if leaks(out.String()) || strings.Count(out.String(), redacted) < 4 {
				t.Errorf("it logs %s", out.String())
			}
		})
	}
}

func TestValueIsRedactedInErrors(t *testing.T) {
	v := New(text)
	err := errors.Join(fmt.Errorf("sending %v", v), fmt.Errorf("with %s: %w", v, os.ErrClosed))
	if leaks(err.Error()) {
		t.Errorf("it says %v", err)
	}
}

func TestRefValidate(t *testing.T) {
	for _, tc := range []struct {
		name string
		ref  Ref
		ok   bool
	}{
		{"a credential", Ref{Credential: "a"}, true},
		{"a file", Ref{File: "/a"}, true},
		{"a variable", Ref{Env: "A"}, true},
		{"no place", Ref{}, false},
		{"two places", Ref{File: "/a", Env: "A"}, false},
		{"three places", Ref{Credential: "a", File: "/a", Env: "A"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := tc.ref.Validate(); (err == nil) != tc.ok {
				t.Errorf("got %v", err)
			}
			if tc.ref.IsZero() != (tc.name == "no place") {
				t.Error("it is wrong about being zero")
			}
		})
	}
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRefReadsAFile(t *testing.T) {
	for content, want := range map[string]string{
		"hunter2":           "hunter2",
		"hunter2\n":         "hunter2",
		"hunter2\r\n":       "hunter2",
		"hunter2\n\n":       "hunter2\n",
		" hunter2 ":         " hunter2 ",
		"two\nlines\n":      "two\nlines",
		"\x00\xff binary\n": "\x00\xff binary",
	} {
		got, err := Ref{File: write(t, "secret", content)}.Read()
		if err != nil || got.Reveal() != want {
			t.Errorf("%q gives %q, %v; want %q", content, got.Reveal(), err, want)
		}
	}
}

func TestRefReadsACredential(t *testing.T) {
	path := write(t, "hub-password", "hunter2\n")
	t.Setenv("CREDENTIALS_DIRECTORY", filepath.Dir(path))
	for _, name := range []string{"hub-password", "../../hub-password", "/hub-password"} {
		got, err := Ref{Credential: name}.Read()
		if err != nil || got.Reveal() != text {
			t.Errorf("%q gives %v", name, err)
		}
	}
}

func TestRefReadsAVariable(t *testing.T) {
	t.Setenv("HUB_PASSWORD", "hunter2")
	got, err := Ref{Env: "HUB_PASSWORD"}.Read()
	if err != nil || got.Reveal() != text {
		t.Errorf("got %v", err)
	}
}

func TestRefReadsAnewEachTime(t *testing.T) {
	path := write(t, "secret", "old")
	ref := Ref{File: path}
	if got, err := ref.Read(); err != nil || got.Reveal() != "old" {
		t.Fatalf("first it is %v", err)
	}
	// A rotation replaces the file, as systemd and most tools do.
	if err := os.Rename(write(t, "secret", "new"), path); err != nil {
		t.Fatal(err)
	}
	if got, err := ref.Read(); err != nil || got.Reveal() != "new" {
		t.Errorf("after the rotation it is %q, %v", got.Reveal(), err)
	}
}

func TestRefThatCannotBeRead(t *testing.T) {
	empty, newline := write(t, "empty", ""), write(t, "newline", "\n")
	huge := write(t, "huge", strings.Repeat("hunter2", maxSize))
	t.Setenv("EMPTY", "")
	for _, tc := range []struct {
		name string
		ref  Ref
		says string
	}{
		{"a file that is missing", Ref{File: filepath.Join(filepath.Dir(empty), "missing")}, "missing"},
		{"a directory", Ref{File: filepath.Dir(empty)}, "reading a secret"},
		{"an empty file", Ref{File: empty}, "is empty"},
		{"a file with nothing but a newline", Ref{File: newline}, "is empty"},
		{"a file that is too large", Ref{File: huge}, "more than the 65536"},
		{"a variable that is not set", Ref{Env: "INDICATORD_NO_SUCH_VARIABLE"}, "INDICATORD_NO_SUCH_VARIABLE is not set"},
		{"a variable that is empty", Ref{Env: "EMPTY"}, "EMPTY is not set"},
		{"no place", Ref{}, "exactly one of"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := tc.ref.Read()
			if err == nil {
				t.Fatalf("it reads %d bytes", len(got.Reveal()))
			}
			if !strings.Contains(err.Error(), tc.says) || leaks(err.Error()) || got.Reveal() != "" {
				t.Errorf("it says %v", err)
			}
		})
	}
}

func TestRefCredentialThatCannotBeRead(t *testing.T) {
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	if _, err := (Ref{Credential: "hub"}).Read(); err == nil || !strings.Contains(err.Error(), "LoadCredential=hub") {
		t.Errorf("without systemd it says %v", err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", t.TempDir())
	if _, err := (Ref{Credential: "hub"}).Read(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without the credential it says %v", err)
	}
}
