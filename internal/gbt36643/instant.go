package gbt36643

import (
	"strconv"
	"time"
)

// layouts are the forms in which records write times. Those without a zone are
// in the zone of the mapping, and a day without a time begins at midnight.
var layouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05Z07:00",
	time.DateTime,
	"2006-01-02 15:04",
	time.DateOnly,
	"2006/01/02 15:04:05",
	"2006/01/02",
	"2006年01月02日 15:04:05",
	"2006年01月02日15时04分05秒",
	"2006年01月02日",
}

// The digits of a time in seconds and in milliseconds since 1970, for any time
// from 2001 to 2286.
const (
	secondDigits      = len("1000000000")
	millisecondDigits = len("1000000000000")
)

// instant reads a time.
func (m *Mapping) instant(text string) (time.Time, bool) {
	if number, err := strconv.ParseUint(text, 10, 63); err == nil {
		switch len(text) {
		case secondDigits:
			return time.Unix(int64(number), 0).UTC(), true
		case millisecondDigits:
			return time.UnixMilli(int64(number)).UTC(), true
		}
		return time.Time{}, false
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, text, m.zone); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
