package plugin

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"
)

func TestPermanent(t *testing.T) {
	err := Permanent(io.ErrUnexpectedEOF)
	for name, e := range map[string]error{
		"itself":       err,
		"wrapped":      fmt.Errorf("pulling: %w", err),
		"joined":       errors.Join(io.EOF, err),
		"marked twice": Permanent(err),
	} {
		if !IsPermanent(e) || !errors.Is(e, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v is not permanent any more", name, e)
		}
	}
	if err.Error() != io.ErrUnexpectedEOF.Error() {
		t.Errorf("the mark changes the text: %v", err)
	}
}

func TestPlainErrorsAreWorthARetry(t *testing.T) {
	for _, err := range []error{nil, io.EOF, Wait(time.Second, io.EOF), Field("url", io.EOF)} {
		if IsPermanent(err) {
			t.Errorf("%v is permanent", err)
		}
	}
	if Permanent(nil) != nil {
		t.Error("nothing is permanent")
	}
}

func TestWait(t *testing.T) {
	err := Wait(90*time.Second, io.EOF)
	for name, e := range map[string]error{"itself": err, "wrapped": fmt.Errorf("pulling: %w", err), "joined": errors.Join(io.EOF, err)} {
		if got := RetryAfter(e); got != 90*time.Second {
			t.Errorf("%s: the wait is %s", name, got)
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Error("the cause is lost")
	}
	if got, want := err.Error(), "EOF (asked to wait 1m30s)"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	for _, e := range []error{nil, io.EOF, Permanent(io.EOF)} {
		if got := RetryAfter(e); got != 0 {
			t.Errorf("%v asks to wait %s", e, got)
		}
	}
}

// TestWaitAndPermanent: an error can carry both marks, and neither hides the
// other.
func TestWaitAndPermanent(t *testing.T) {
	err := Permanent(Wait(time.Minute, io.EOF))
	if !IsPermanent(err) || RetryAfter(err) != time.Minute {
		t.Errorf("%v lost a mark", err)
	}
}

func TestField(t *testing.T) {
	err := Field("auth.basic", Fieldf("username", "is %s", "required"))
	if got, want := err.Error(), "auth.basic: username: is required"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	var field *FieldError
	if !errors.As(fmt.Errorf("checking: %w", err), &field) || field.Path != "auth.basic" {
		t.Errorf("the field is %+v", field)
	}
	if Field("url", nil) != nil {
		t.Error("nothing is wrong with a field")
	}
	if wrapped := Fieldf("url", "parsing: %w", io.EOF); !errors.Is(wrapped, io.EOF) {
		t.Error("the cause is lost")
	}
}
