package config

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// longUnits are the units that [time.ParseDuration] does not have. A day is 24
// hours, whatever the clock on the wall does.
var longUnits = regexp.MustCompile(`([0-9]+(?:\.[0-9]+)?)([dw])`)

var errDuration = hinted{
	errors.New("not a duration"),
	"write a number and a unit, such as 30s, 15m, 12h, 30d or 2w",
}

// ParseDuration reads a duration of zero or more: Go's notation, with d for days
// and w for weeks.
func ParseDuration(text string) (time.Duration, error) {
	hours := longUnits.ReplaceAllStringFunc(text, func(part string) string {
		match := longUnits.FindStringSubmatch(part)
		n, err := strconv.ParseFloat(match[1], 64)
		if err != nil {
			return part
		}
		if match[2] == "w" {
			n *= 7
		}
		return strconv.FormatFloat(n*24, 'f', -1, 64) + "h"
	})
	d, err := time.ParseDuration(hours)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q: %w", text, errDuration)
	case d < 0:
		return 0, fmt.Errorf("%q: a duration cannot be negative here", text)
	}
	return d, nil
}
