package schedule

import (
	"time"

	"github.com/robfig/cron/v3"
)

// NeverSpec is the notation of the schedule that has no times.
const NeverSpec = "@never"

// Schedule is a set of times. The zero value has none: work on such a schedule
// is done only when it is asked for. A Schedule does not change and may be used
// by any number of goroutines.
type Schedule struct {
	spec  string
	times cron.Schedule
	loc   *time.Location
	// daily is true where the hours are named, so that the schedule goes by the
	// clock on the wall; it is false where the schedule goes by elapsed time.
	daily bool
}

// IsNever reports whether the schedule has no times.
func (s Schedule) IsNever() bool { return s.times == nil }

// String returns the schedule as it was written, "@never" for the zero value.
func (s Schedule) String() string {
	if s.IsNever() {
		return NeverSpec
	}
	return s.spec
}

// MarshalText writes the schedule as it was written.
func (s Schedule) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a schedule as [Parse] does, in the local time zone.
func (s *Schedule) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text), time.Local)
	*s = parsed
	return err
}

// Next returns the first time of the schedule after t, the zero time if there
// is none within five years.
//
// A schedule that names its hours goes by the clock on the wall. A time that
// the change to summer time skips comes at the moment of the change instead; a
// time that the change back repeats comes once, the first time around. A
// schedule whose hour is "*" goes by elapsed time: it has nothing in a skipped
// hour, and keeps its pace in a repeated one.
func (s Schedule) Next(t time.Time) time.Time {
	switch {
	case s.IsNever():
		return time.Time{}
	case s.daily:
		return s.nextOnWall(t)
	}
	return s.times.Next(t.In(s.loc))
}

// nextOnWall looks for the next time among readings of the clock on the wall,
// written down as if in UTC, where no reading is skipped or repeated. Readings
// follow one another at most as fast as the moments at which they come, so the
// search begins at the present reading and passes over those already gone.
func (s Schedule) nextOnWall(t time.Time) time.Time {
	t = t.In(s.loc)
	reading := readingAt(t)
	for {
		reading = s.times.Next(reading)
		if reading.IsZero() {
			return reading
		}
		if moment := s.momentOf(reading); moment.After(t) {
			return moment
		}
	}
}

// readingAt is what the clock on the wall shows at t.
func readingAt(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// momentOf is when the clock on the wall first shows the reading; for a reading
// that a change of the clock skips, the moment of the change. [time.Date]
// promises neither, so the offsets before and after any change are both tried.
func (s Schedule) momentOf(reading time.Time) time.Time {
	const day = 24 * time.Hour
	before := reading.Add(-offsetAt(reading.Add(-day), s.loc)).In(s.loc)
	if readingAt(before).Equal(reading) {
		return before
	}
	after := reading.Add(-offsetAt(reading.Add(day), s.loc)).In(s.loc)
	if readingAt(after).Equal(reading) {
		return after
	}
	change, _ := before.ZoneBounds()
	return change
}

// offsetAt is how far the zone is ahead of UTC at t.
func offsetAt(t time.Time, loc *time.Location) time.Duration {
	_, seconds := t.In(loc).Zone()
	return time.Duration(seconds) * time.Second
}
