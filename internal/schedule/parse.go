package schedule

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

const everyPrefix = "@every "

// shortest is the least time between two runs of an "@every" schedule.
const shortest = time.Second

// field is one of the five fields of cron's notation.
type field struct {
	name   string
	option cron.ParseOption
	// count is how many values the field can take. A longer step would silently
	// mean another schedule than it seems to.
	count int
}

var fields = [...]field{
	{"minute", cron.Minute, 60},
	{"hour", cron.Hour, 24},
	{"day of month", cron.Dom, 31},
	{"month", cron.Month, 12},
	{"day of week", cron.Dow, 7},
}

// item is what may stand between commas: a star, a value or a range, each
// perhaps with a step. The library takes more than this, and some of it for
// something else than it seems to be.
var item = regexp.MustCompile(`^(?:[*?]|[0-9A-Za-z]+(?:-[0-9A-Za-z]+)?)(?:/([0-9]+))?$`)

// Parse reads a schedule: five fields of cron's notation (minute, hour, day of
// month, month, day of week), one of @hourly, @daily, @midnight, @weekly,
// @monthly, @yearly and @annually, "@every" with a duration of whole seconds
// such as "@every 15m", or "@never". The times are those of clocks in loc. The
// error says which part is wrong; a schedule whose time never comes, such as
// the 30th of February, is an error too.
func Parse(spec string, loc *time.Location) (Schedule, error) {
	spec = strings.Join(strings.Fields(spec), " ")
	switch {
	case spec == "":
		return Schedule{}, errors.New("the schedule is empty")
	case spec == NeverSpec:
		return Schedule{}, nil
	case strings.HasPrefix(spec, everyPrefix):
		return parseEvery(spec, loc)
	case strings.HasPrefix(spec, "@"):
		return parseName(spec, loc)
	}
	return parseFields(spec, loc)
}

func parseEvery(spec string, loc *time.Location) (Schedule, error) {
	every, err := time.ParseDuration(strings.TrimPrefix(spec, everyPrefix))
	switch {
	case err != nil:
		return Schedule{}, fmt.Errorf("%q has no duration such as 15m or 1h30m after @every", spec)
	case every < shortest:
		return Schedule{}, fmt.Errorf("%q is shorter than %s", spec, shortest)
	case every%time.Second != 0:
		return Schedule{}, fmt.Errorf("%q is not a number of whole seconds", spec)
	}
	return Schedule{spec: spec, times: cron.Every(every), loc: loc}, nil
}

func parseName(spec string, loc *time.Location) (Schedule, error) {
	times, err := cron.NewParser(cron.Descriptor).Parse(spec)
	if err != nil {
		return Schedule{}, fmt.Errorf("%q is not a schedule: want five fields, or one of @hourly, @daily, @weekly, @monthly, @yearly, @every DURATION, @never", spec)
	}
	return newSchedule(spec, times, loc)
}

func parseFields(spec string, loc *time.Location) (Schedule, error) {
	parts := strings.Fields(spec)
	if strings.Contains(parts[0], "=") {
		return Schedule{}, fmt.Errorf("%q sets a variable: a schedule takes the local time of the host and no other", parts[0])
	}
	if len(parts) != len(fields) {
		return Schedule{}, fmt.Errorf("%q has %d fields instead of 5: minute, hour, day of month, month, day of week", spec, len(parts))
	}
	var problems []error
	for i, f := range fields {
		problems = append(problems, f.check(parts[i]))
	}
	if err := errors.Join(problems...); err != nil {
		return Schedule{}, err
	}
	times, err := cron.ParseStandard(spec)
	if err != nil {
		return Schedule{}, fmt.Errorf("reading the schedule %q: %w", spec, err)
	}
	return newSchedule(spec, times, loc)
}

// check reports what is wrong with the text of one field.
func (f field) check(text string) error {
	for part := range strings.SplitSeq(text, ",") {
		match := item.FindStringSubmatch(part)
		if match == nil {
			return fmt.Errorf("%s %q: want a number, a range such as 1-5, * or a list of these, each with a step such as /2 if needed", f.name, text)
		}
		if step := match[1]; step != "" {
			if n, err := strconv.Atoi(step); err != nil || n < 1 || n >= f.count {
				return fmt.Errorf("%s %q: the step has to be from 1 to %d; for other intervals write @every with a duration", f.name, text, f.count-1)
			}
		}
	}
	if _, err := cron.NewParser(f.option).Parse(text); err != nil {
		reason, _, _ := strings.Cut(err.Error(), ": ")
		return fmt.Errorf("%s %q: %s", f.name, text, reason)
	}
	return nil
}

// leapYear is a moment from which each day of the calendar comes within the
// five years that the library looks ahead.
var leapYear = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

// anyHour is the bit by which the library marks an hour field of "*".
const anyHour = 1 << 63

func newSchedule(spec string, times cron.Schedule, loc *time.Location) (Schedule, error) {
	if times.Next(leapYear).IsZero() {
		return Schedule{}, fmt.Errorf("%q never fires: no month has that day", spec)
	}
	daily := true
	if calendar, ok := times.(*cron.SpecSchedule); ok {
		daily = calendar.Hour&anyHour == 0
	}
	return Schedule{spec: spec, times: times, loc: loc, daily: daily}, nil
}
