package schedule

import (
	"strings"
	"testing"
	"time"
)

func TestParseTakes(t *testing.T) {
	for _, spec := range []string{
		"* * * * *", "*/15 * * * *", "0 3 * * *", "5,35 8-18 * * mon-fri", "0 0 1 jan,jul *", "7/20 * * * *",
		"0 0 29 2 *", "0 0 31 * *", "? ? * * ?", "0 0 30 2 mon", "0 4 * * SUN",
		"@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually",
		"@every 1s", "@every 15m", "@every 1h30m",
	} {
		t.Run(spec, func(t *testing.T) {
			s, err := Parse(spec, time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			if s.IsNever() || s.Next(leapYear).IsZero() {
				t.Error("the schedule has no times")
			}
			if s.String() != spec {
				t.Errorf("it writes itself as %q", s)
			}
		})
	}
}

func TestParseIgnoresSpaceAroundFields(t *testing.T) {
	s, err := Parse("  0\t3  * * *\n", time.UTC)
	if err != nil || s.String() != "0 3 * * *" {
		t.Errorf("got %q, %v", s, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct{ name, spec, says string }{
		{"nothing", "", "empty"},
		{"blanks", " \t", "empty"},
		{"too few fields", "* * *", "3 fields instead of 5"},
		{"seconds", "0 0 3 * * *", "6 fields instead of 5"},
		{"a word", "hourly", "1 fields instead of 5"},
		{"an unknown name", "@fortnightly", "@hourly"},
		{"a name of its own right elsewhere", "@on-change", "not a schedule"},
		{"a name with more", "@daily 3", "not a schedule"},
		{"a minute out of range", "60 * * * *", `minute "60": end of range (60) above maximum (59)`},
		{"an hour out of range", "0 24 * * *", `hour "24"`},
		{"day zero", "0 0 0 * *", `day of month "0"`},
		{"month thirteen", "0 0 1 13 *", `month "13"`},
		{"weekday seven", "0 0 * * 7", `day of week "7"`},
		{"an unknown weekday", "0 0 * * someday", `day of week "someday"`},
		{"a range backwards", "30-10 * * * *", "beyond end of range"},
		{"an empty list item", "1,,2 * * * *", `minute "1,,2"`},
		{"only a comma", ", * * * *", `minute ","`},
		{"a star in a range", "*-5 * * * *", `minute "*-5"`},
		{"an open range", "5- * * * *", `minute "5-"`},
		{"two hyphens", "1-2-3 * * * *", `minute "1-2-3"`},
		{"a step of nothing", "*/ * * * *", `minute "*/"`},
		{"a step of zero", "*/0 * * * *", "step has to be from 1 to 59"},
		{"a step that is no step", "*/90 * * * *", "write @every"},
		{"a step beyond all numbers", "*/99999999999999999999 * * * *", "step has to be"},
		{"a number beyond all numbers", "99999999999999999999 * * * *", "minute"},
		{"a negative number", "-1 * * * *", `minute "-1"`},
		{"several fields wrong", "60 24 * * *", "hour"},
		{"a time zone", "TZ=Europe/Berlin 0 3 * * *", "local time of the host"},
		{"a time zone and nothing else", "TZ=", "local time of the host"},
		{"another time zone and nothing else", "CRON_TZ=UTC", "local time of the host"},
		{"a day that no month has", "0 0 30 2 *", "never fires"},
		{"a day that these months lack", "0 0 31 4,6,9,11 *", "never fires"},
		{"every without a duration", "@every", "not a schedule"},
		{"every with a word", "@every day", "no duration"},
		{"every zero", "@every 0s", "shorter than 1s"},
		{"every backwards", "@every -5m", "shorter than 1s"},
		{"every too often", "@every 10ms", "shorter than 1s"},
		{"every odd fraction", "@every 1500ms", "whole seconds"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, err := Parse(tc.spec, time.UTC)
			if err == nil {
				t.Fatalf("%q is taken as %v", tc.spec, s)
			}
			if !strings.Contains(err.Error(), tc.says) {
				t.Errorf("the error does not say %q: %v", tc.says, err)
			}
		})
	}
}

func TestNever(t *testing.T) {
	parsed, err := Parse("@never", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Schedule{parsed, {}} {
		if !s.IsNever() || s.String() != "@never" || !s.Next(time.Now()).IsZero() {
			t.Errorf("%v has times", s)
		}
	}
}

func TestScheduleAsText(t *testing.T) {
	var s Schedule
	if err := s.UnmarshalText([]byte("*/15 * * * *")); err != nil {
		t.Fatal(err)
	}
	if text, err := s.MarshalText(); err != nil || string(text) != "*/15 * * * *" {
		t.Errorf("got %q, %v", text, err)
	}
	if err := s.UnmarshalText([]byte("bad")); err == nil || !s.IsNever() {
		t.Errorf("after an error it is %v (%v)", s, err)
	}
}

// FuzzParse looks for a text on which the library panics, or that gives a
// schedule without times.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"*/15 * * * *", "@every 15m", "@daily", "TZ=", "CRON_TZ=x 1", "* * 30 2 *", "@never", "1-2/3,4 * * * ?"} {
		f.Add(seed)
	}
	berlin := zone(f, "Europe/Berlin")
	f.Fuzz(func(t *testing.T, spec string) {
		s, err := Parse(spec, berlin)
		if err != nil || s.IsNever() {
			return
		}
		now := leapYear
		for range 3 {
			next := s.Next(now)
			if !next.After(now) {
				t.Fatalf("%q: after %v comes %v", spec, now, next)
			}
			now = next
		}
	})
}
