package config

import (
	"testing"
	"time"
)

func TestWindowsOpenAndClose(t *testing.T) {
	friday := time.Date(2026, 11, 27, 22, 0, 0, 0, time.Local)
	weekly := Window{Schedule: mustSchedule("0 22 * * 5"), For: 60 * time.Hour}
	once := Window{From: friday, Until: friday.Add(time.Hour)}
	for _, c := range []struct {
		name string
		w    Window
		at   time.Time
		want bool
	}{
		{"before it opens", weekly, friday.Add(-time.Second), false},
		{"when it opens", weekly, friday, true},
		{"on Saturday", weekly, friday.Add(20 * time.Hour), true},
		{"just before it closes", weekly, friday.Add(60*time.Hour - time.Second), true},
		{"when it closes", weekly, friday.Add(60 * time.Hour), false},
		{"a week later", weekly, friday.AddDate(0, 0, 7), true},
		{"before it opens once", once, friday.Add(-1), false},
		{"when it opens once", once, friday, true},
		{"when it closes for good", once, friday.Add(time.Hour), false},
		{"a year later", once, friday.AddDate(1, 0, 0), false},
	} {
		if got := c.w.Open(c.at); got != c.want {
			t.Errorf("%s: open %t, want %t", c.name, got, c.want)
		}
	}
}
