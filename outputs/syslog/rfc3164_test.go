package syslog

import (
	"regexp"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

func TestOldHeader(t *testing.T) {
	beijing := time.FixedZone("CST", 8*3600)
	for _, tt := range []struct {
		name string
		at   time.Time
		zone *time.Location
		want string
	}{
		{"a day of two digits", now, beijing, "<134>Mar 14 15:09:26 gate indicatord: "},
		{"in another zone", now, time.UTC, "<134>Mar 14 07:09:26 gate indicatord: "},
		{"a day of one digit", time.Date(2026, 12, 3, 4, 5, 6, 0, beijing), beijing, "<134>Dec  3 04:05:06 gate indicatord: "},
	} {
		h := testFormatter().header
		h.old = tt.zone
		if got := string(h.append(nil, tt.at, "indicator-add", false)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

var oldEvent = regexp.MustCompile(`^<134>[A-Z][a-z]{2} [ 1-3][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} gate indicatord: \[indicatord@32473 .*value="192\.0\.2\.7".*\] add ip 192\.0\.2\.7$`)

func TestAnEventWithTheOldHeader(t *testing.T) {
	r := newDatagramReceiver(t, "udp", "127.0.0.1:0")
	o := open(t, r.address, func(s *Settings) { s.Network, s.Header = UDP, RFC3164 })
	if _, err := deliver(t.Context(), o, change(outputs.Add, indicator.IP, "192.0.2.7", assertion())); err != nil {
		t.Fatal(err)
	}
	r.stop()
	if len(r.came) != 1 || !oldEvent.MatchString(r.came[0]) {
		t.Errorf("came: %q", r.came)
	}
}
