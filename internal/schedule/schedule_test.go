package schedule

import (
	"testing"
	"time"
	_ "time/tzdata" // the tests know their zones on any host

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func parsed(t rapid.TB, spec string, loc *time.Location) Schedule {
	t.Helper()
	s, err := Parse(spec, loc)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// In Berlin, on 29 March 2026 the clock goes from 02:00 to 03:00, and on 25
// October 2026 from 03:00 back to 02:00. In Lord Howe, it goes from 02:00 back to
// 01:30 on 5 April 2026. In Santiago, on 6 September 2026, it goes from 00:00 to
// 01:00.
func TestNextOverChangesOfTheClock(t *testing.T) {
	for _, tc := range []struct {
		name, zone, spec, from string
		want                   []string
	}{
		{
			"a time in the skipped hour comes at the next moment", "Europe/Berlin", "30 2 * * *", "2026-03-28T12:00:00+01:00",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"},
		}, {
			"several times in the skipped hour come once", "Europe/Berlin", "*/20 2 * * *", "2026-03-28T12:00:00+01:00",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"},
		}, {
			"a time at the end of the skipped hour comes once", "Europe/Berlin", "30 2,3 * * *", "2026-03-29T01:00:00+01:00",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:30:00+02:00"},
		}, {
			"a time in the doubled hour comes once, the first time around", "Europe/Berlin", "30 2 * * *", "2026-10-24T12:00:00+02:00",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"},
		}, {
			"within the doubled hour nothing comes a second time", "Europe/Berlin", "30 2 * * *", "2026-10-25T02:10:00+01:00",
			[]string{"2026-10-26T02:30:00+01:00"},
		}, {
			"a time after the doubled hour comes after both", "Europe/Berlin", "0 3 * * *", "2026-10-24T12:00:00+02:00",
			[]string{"2026-10-25T03:00:00+01:00"},
		}, {
			"the day of the change is not lost", "Europe/Berlin", "0 0 * * *", "2026-10-24T12:00:00+02:00",
			[]string{"2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		}, {
			"a schedule of every hour keeps its pace where an hour is doubled", "Europe/Berlin", "*/30 * * * *", "2026-10-25T01:45:00+02:00",
			[]string{"2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00+01:00"},
		}, {
			"a schedule of every hour keeps its pace where an hour is skipped", "Europe/Berlin", "*/30 * * * *", "2026-03-29T01:15:00+01:00",
			[]string{"2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"},
		}, {
			"an interval knows nothing of clocks on walls", "Europe/Berlin", "@every 1h", "2026-03-29T01:30:00+01:00",
			[]string{"2026-03-29T03:30:00+02:00", "2026-03-29T04:30:00+02:00"},
		}, {
			"a doubled half hour", "Australia/Lord_Howe", "45 1 * * *", "2026-04-04T12:00:00+11:00",
			[]string{"2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"},
		}, {
			"a midnight that does not exist", "America/Santiago", "@daily", "2026-09-05T12:00:00-04:00",
			[]string{"2026-09-06T01:00:00-03:00", "2026-09-07T00:00:00-03:00"},
		}, {
			"a zone without changes", "Asia/Shanghai", "30 2 * * *", "2026-03-28T12:00:00+08:00",
			[]string{"2026-03-29T02:30:00+08:00", "2026-03-30T02:30:00+08:00"},
		}, {
			"a weekday", "Europe/Berlin", "0 8 * * mon", "2026-03-28T12:00:00+01:00",
			[]string{"2026-03-30T08:00:00+02:00", "2026-04-06T08:00:00+02:00"},
		}, {
			"a day of the month or a weekday, as cron has it", "UTC", "0 0 13 * fri", "2026-11-10T00:00:00Z",
			[]string{"2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z"},
		}, {
			"the leap day", "UTC", "0 0 29 2 *", "2026-01-01T00:00:00Z",
			[]string{"2028-02-29T00:00:00Z"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := parsed(t, tc.spec, zone(t, tc.zone))
			now, err := time.Parse(time.RFC3339, tc.from)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tc.want {
				now = s.Next(now)
				if got := now.Format(time.RFC3339); got != want {
					t.Errorf("next is %s, want %s", got, want)
				}
			}
		})
	}
}

// TestDailyComesEachDay: whatever the zone and the time of day, a daily schedule
// has exactly one time on each day of the calendar.
func TestDailyComesEachDay(t *testing.T) {
	zones := []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca", "Asia/Shanghai", "UTC"}
	specs := []string{"0 0 * * *", "30 0 * * *", "15 1 * * *", "0 2 * * *", "30 2 * * *", "59 2 * * *", "0 3 * * *", "45 23 * * *"}
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		s := parsed(t, rapid.SampledFrom(specs).Draw(t, "spec"), loc)
		day := rapid.IntRange(0, 3000).Draw(t, "day")
		now := time.Date(2024, time.January, 1+day, 12, 0, 0, 0, loc)
		next := s.Next(now)
		for range 5 {
			after := s.Next(next)
			if gap := after.Sub(next); gap < 22*time.Hour || gap > 26*time.Hour {
				t.Fatalf("after %v comes %v", next, after)
			}
			if after.In(loc).YearDay() == next.In(loc).YearDay() {
				t.Fatalf("%v and %v are on one day", next, after)
			}
			next = after
		}
	})
}

// TestNextIsTheFirst: between a moment and the next time there is no other time.
func TestNextIsTheFirst(t *testing.T) {
	loc := zone(t, "Europe/Berlin")
	specs := []string{"*/15 * * * *", "30 2 * * *", "0 */2 * * *", "10 1-3 * * sun", "@hourly", "@daily"}
	rapid.Check(t, func(t *rapid.T) {
		s := parsed(t, rapid.SampledFrom(specs).Draw(t, "spec"), loc)
		from := time.Unix(rapid.Int64Range(1_767_225_600, 1_800_000_000).Draw(t, "from"), 0)
		next := s.Next(from)
		between := from.Add(time.Duration(rapid.Int64Range(0, int64(next.Sub(from))-1).Draw(t, "between")))
		if got := s.Next(between); !got.Equal(next) {
			t.Fatalf("after %v comes %v, but after %v comes %v", from, next, between, got)
		}
	})
}
