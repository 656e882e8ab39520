package plugin

import (
	"errors"
	"fmt"
	"time"
)

// An error that a plugin returns has one of four meanings. A plain error is
// tried again with back-off. The others are the types of this file, found with
// errors.As anywhere in the chain; outputs.PartialError is the fourth.

// PermanentError says that trying again is of no use until a person changes
// something: wrong credentials, a collection that does not exist.
type PermanentError struct{ Err error }

// Permanent marks err as not worth a retry. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &PermanentError{Err: err}
}

// Error returns the text of the error it marks.
func (e *PermanentError) Error() string { return e.Err.Error() }

// Unwrap returns the error it marks.
func (e *PermanentError) Unwrap() error { return e.Err }

// WaitError says that the other side asked to be left alone for a while.
type WaitError struct {
	Err   error
	After time.Duration
}

// Wait marks err as worth a retry, but not before after has passed.
func Wait(after time.Duration, err error) error {
	return &WaitError{Err: err, After: after}
}

// Error returns the text of the error it marks, and how long to wait.
func (e *WaitError) Error() string { return fmt.Sprintf("%v (asked to wait %s)", e.Err, e.After) }

// Unwrap returns the error it marks.
func (e *WaitError) Unwrap() error { return e.Err }

// FieldError says which key of a plugin's settings is wrong.
type FieldError struct {
	// Path is the key below the settings, with dots: "auth.basic.username".
	Path string
	Err  error
}

// Field places err at a key of the settings. Field(path, nil) is nil.
func Field(path string, err error) error {
	if err == nil {
		return nil
	}
	return &FieldError{Path: path, Err: err}
}

// Fieldf is [Field] with a formatted message.
func Fieldf(path, format string, args ...any) error {
	return &FieldError{Path: path, Err: fmt.Errorf(format, args...)}
}

// Error writes the path before the message.
func (e *FieldError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns the message alone.
func (e *FieldError) Unwrap() error { return e.Err }

// IsPermanent reports whether err is marked by [Permanent].
func IsPermanent(err error) bool {
	var permanent *PermanentError
	return errors.As(err, &permanent)
}

// RetryAfter returns how long the other side asked to wait, 0 if it did not.
func RetryAfter(err error) time.Duration {
	if wait, ok := errors.AsType[*WaitError](err); ok {
		return wait.After
	}
	return 0
}
