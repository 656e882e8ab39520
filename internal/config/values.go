package config

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/schedule"
)

// LogLevel is the least severity that is logged: debug, info, warn or error.
type LogLevel string

// UnmarshalText reads a level.
func (l *LogLevel) UnmarshalText(text []byte) error {
	return setWord(l, string(text), "debug", "info", "warn", "error")
}

// Level returns the level as log/slog has it.
func (l LogLevel) Level() slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l)); err != nil {
		return slog.LevelInfo
	}
	return level
}

// LogFormat is the form of a log line: text, json, or auto, which is text on a
// terminal and json elsewhere.
type LogFormat string

// UnmarshalText reads a format.
func (f *LogFormat) UnmarshalText(text []byte) error {
	return setWord(f, string(text), "auto", "text", "json")
}

func setWord[T ~string](target *T, word string, choices ...string) error {
	if !slices.Contains(choices, word) {
		return fmt.Errorf("unknown word %q: want one of %s", word, strings.Join(choices, ", "))
	}
	*target = T(word)
	return nil
}

// DomainScope is an [indicator.Scope] as the configuration writes it: "exact"
// or "subdomains".
type DomainScope indicator.Scope

// UnmarshalText reads a scope.
func (s *DomainScope) UnmarshalText(text []byte) error {
	for _, scope := range []indicator.Scope{indicator.ScopeExact, indicator.ScopeSubdomains} {
		if scope.String() == string(text) {
			*s = DomainScope(scope)
			return nil
		}
	}
	return fmt.Errorf("unknown word %q: want exact or subdomains", text)
}

// onChange is the notation of a delivery whenever the view changes.
const onChange = "@on-change"

// DeliverySchedule says when an output is delivered to: whenever its view
// changes, or at the times of a schedule.
type DeliverySchedule struct {
	// OnChange asks for a delivery whenever the view changes.
	OnChange bool
	// Schedule holds the times where OnChange is false.
	Schedule schedule.Schedule
}

// String returns the notation of the configuration.
func (d DeliverySchedule) String() string {
	if d.OnChange {
		return onChange
	}
	return d.Schedule.String()
}

// UnmarshalText reads "@on-change" or a schedule.
func (d *DeliverySchedule) UnmarshalText(text []byte) error {
	if string(text) == onChange {
		*d = DeliverySchedule{OnChange: true}
		return nil
	}
	*d = DeliverySchedule{}
	err := d.Schedule.UnmarshalText(text)
	if err != nil && strings.HasPrefix(string(text), "@") {
		return hinted{err, suggest(string(text), []string{onChange})}
	}
	return err
}

// Budget is how much may change at once: a share of what there is, or a number
// of entries.
type Budget struct {
	percent float64 // of what there is, where count is negative
	count   int
}

// Share is a budget of so many percent of what there is, from 0 to 100.
func Share(percent float64) Budget { return Budget{percent: percent, count: -1} }

// Count is a budget of n entries.
func Count(n int) Budget { return Budget{count: n} }

// Of returns how many of total entries may change at once. A share is rounded
// down, but a share above zero allows one entry at least: a source with few
// entries can change too.
func (b Budget) Of(total int) int {
	if b.count >= 0 {
		return b.count
	}
	if b.percent == 0 || total == 0 {
		return 0
	}
	return max(1, int(math.Floor(float64(total)*b.percent/100)))
}

// String returns the notation of the configuration, such as "20%" or "500".
func (b Budget) String() string {
	if b.count >= 0 {
		return strconv.Itoa(b.count)
	}
	return strconv.FormatFloat(b.percent, 'f', -1, 64) + "%"
}

// UnmarshalText reads "20%" or "500".
func (b *Budget) UnmarshalText(text []byte) error {
	if number, ok := strings.CutSuffix(string(text), "%"); ok {
		percent, err := strconv.ParseFloat(number, 64)
		if err != nil || !(percent >= 0 && percent <= 100) {
			return fmt.Errorf("%q is not a share from 0%% to 100%%", text)
		}
		*b = Share(percent)
		return nil
	}
	count, err := strconv.Atoi(string(text))
	if err != nil || count < 0 {
		return errors.New("want a share such as 20% or a number of entries such as 500")
	}
	*b = Count(count)
	return nil
}
