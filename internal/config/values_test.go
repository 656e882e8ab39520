package config

import (
	"log/slog"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0s": 0, "30s": 30 * time.Second, "1h30m": 90 * time.Minute, "250ms": 250 * time.Millisecond,
		"1d": 24 * time.Hour, "30d": 720 * time.Hour, "2w": 336 * time.Hour, "1w2d3h": 219 * time.Hour, "1.5d": 36 * time.Hour,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "30", "d", "30 d", "-1d", "-5m", "1y", "1D", "999999999999w", "1e3d", "P1D", "١d"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q is taken as %v", text, got)
		}
	}
}

func TestDurationReadsWhatGoWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := time.Duration(rapid.Int64Min(0).Draw(t, "nanoseconds"))
		if got, err := ParseDuration(want.String()); err != nil || got != want {
			t.Fatalf("%v is read as %v, %v", want, got, err)
		}
	})
}

func TestBudget(t *testing.T) {
	for _, tc := range []struct {
		text       string
		total, may int
	}{
		{"20%", 1000, 200}, {"20%", 9, 1}, {"20%", 1, 1}, {"20%", 0, 0}, {"0%", 1000, 0}, {"100%", 7, 7}, {"0.5%", 1000, 5}, {"12.5%", 99, 12},
		{"500", 1000, 500}, {"500", 3, 500}, {"0", 1000, 0},
	} {
		var b Budget
		if err := b.UnmarshalText([]byte(tc.text)); err != nil {
			t.Fatal(err)
		}
		if got := b.Of(tc.total); got != tc.may || b.String() != tc.text {
			t.Errorf("%s of %d, written %s, is %d; want %d", tc.text, tc.total, b, got, tc.may)
		}
	}
	for _, text := range []string{"", "%", "-1", "-1%", "101%", "NaN%", "few", "1.5", "20 %x"} {
		var b Budget
		if err := b.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken as %v", text, b)
		}
	}
}

func TestDeliverySchedule(t *testing.T) {
	for text, onChange := range map[string]bool{"@on-change": true, "@hourly": false, "5 * * * *": false, "@never": false} {
		var d DeliverySchedule
		if err := d.UnmarshalText([]byte(text)); err != nil || d.OnChange != onChange || d.String() != text {
			t.Errorf("%q is %+v, %v", text, d, err)
		}
	}
}

func TestLogLevel(t *testing.T) {
	for word, want := range map[LogLevel]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError, "": slog.LevelInfo,
	} {
		if got := word.Level(); got != want {
			t.Errorf("%q is %v, want %v", word, got, want)
		}
	}
}

func TestSuggest(t *testing.T) {
	keys := []string{"schedule", "settings", "unmarked_tlp", "ca"}
	for word, want := range map[string]string{
		"shedule": "schedule", "scheduel": "schedule", "Schedule": "schedule", "setings": "settings",
		"unmarked-tlp": "unmarked_tlp", "UnmarkedTLP": "unmarked_tlp", "cert": "", "frobnicate": "", "": "",
	} {
		if got := closest(word, keys); got != want {
			t.Errorf("for %q it suggests %q, want %q", word, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 1}, {"schedule", "shedule", 1}} {
		if got := distance(tc.a, tc.b); got != tc.want {
			t.Errorf("from %q to %q it is %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}
