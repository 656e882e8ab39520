package config

import (
	"errors"
	"time"

	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/schedule"
)

// Window is a time in which an output is left as it is: one that comes again by a
// schedule, or one between two times.
type Window struct {
	// Schedule is when the window opens, and For is how long it stays open.
	Schedule schedule.Schedule `yaml:"schedule"`
	For      time.Duration     `yaml:"for"`
	// From and Until bound a window that opens once.
	From  time.Time `yaml:"from"`
	Until time.Time `yaml:"until"`
	// Allow says what may be done all the same: nothing, or removals. What the
	// site itself allows and denies is always done.
	Allow Allowance `yaml:"allow"`
}

// Allowance is what may be done to an output in a window.
type Allowance string

// The allowances.
const (
	AllowNothing  Allowance = "nothing"
	AllowRemovals Allowance = "removals"
)

// UnmarshalText reads an allowance.
func (a *Allowance) UnmarshalText(text []byte) error {
	return setWord(a, string(text), string(AllowNothing), string(AllowRemovals))
}

// Validate reports a window that never opens, or of which it is not clear when.
func (w *Window) Validate() error {
	recurring, once := !w.Schedule.IsNever() || w.For != 0, !w.From.IsZero() || !w.Until.IsZero()
	switch {
	case recurring && once:
		return errors.New("a window is either schedule with for, or from with until")
	case once && !w.Until.After(w.From):
		return plugin.Fieldf("until", "the window ends no later than it begins")
	case !once && (w.Schedule.IsNever() || w.For <= 0):
		return errors.New("a window needs schedule with for, or from with until")
	}
	return nil
}

// Open reports whether the window is open at a time.
func (w *Window) Open(at time.Time) bool {
	if !w.Until.IsZero() {
		return !at.Before(w.From) && at.Before(w.Until)
	}
	opened := w.Schedule.Next(at.Add(-w.For))
	return !opened.IsZero() && !opened.After(at)
}
