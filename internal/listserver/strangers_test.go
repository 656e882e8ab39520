package listserver

import (
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestStrangersAreToldToWait after so many wrong passwords in a minute. A device is
// served from the same address all the while, and one that shows nothing is asked
// for its credentials.
func TestStrangersAreToldToWait(t *testing.T) {
	s := newStand(t)
	s.publish("edge", content, false)
	server := newServer(s.open)
	wrong := func() *http.Response { return ask(t, server, "/lists/edge", password("fw", "guess")) }
	for i := range failuresPerMinute {
		if answer := wrong(); answer.StatusCode != http.StatusUnauthorized {
			t.Fatalf("the wrong password number %d is answered with %d", i+1, answer.StatusCode)
		}
	}
	s.now = s.now.Add(20 * time.Second)
	for range 100 {
		answer := wrong()
		wait, err := strconv.Atoi(answer.Header.Get("Retry-After"))
		if answer.StatusCode != http.StatusTooManyRequests || err != nil || wait < 40 || wait > 41 || answer.Header.Get("WWW-Authenticate") != "" {
			t.Fatalf("%s with %v", answer.Status, answer.Header)
		}
	}
	for name, test := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"the device":                     {nil, http.StatusOK},
		"the device, before rotation":    {password("fw", "old-password"), http.StatusOK},
		"a device with a token":          {header("Authorization", "Bearer a-token"), http.StatusOK},
		"nothing shown":                  {anonymous, http.StatusUnauthorized},
		"a secret that cannot be read":   {password("broken", "x"), http.StatusServiceUnavailable},
		"the stranger, at its next home": {from("198.51.100.1:1", password("fw", "guess")), http.StatusUnauthorized},
	} {
		if answer := ask(t, server, "/lists/edge", test.change); answer.StatusCode != test.want {
			t.Errorf("%s: %s, want %d", name, answer.Status, test.want)
		}
	}
	if told := strings.Count(s.log.String(), "status=429"); told != 1 {
		t.Errorf("the log tells %d times of those who have to wait", told)
	}
	s.now = s.now.Add(time.Minute)
	if answer := wrong(); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a minute later: %s", answer.Status)
	}
}

// TestNothingShownDoesNotFillTheLog, and is always asked for credentials: many
// devices show theirs only then.
func TestNothingShownDoesNotFillTheLog(t *testing.T) {
	s := newStand(t)
	server := newServer(s.open)
	for range 10 * failuresPerMinute {
		if answer := ask(t, server, "/lists/edge", anonymous); answer.StatusCode != http.StatusUnauthorized {
			t.Fatal(answer.Status)
		}
	}
	if told := strings.Count(s.log.String(), "status=401"); told != failuresPerMinute+1 {
		t.Errorf("the log tells %d times of them", told)
	}
}

// TestStrangersAreCountedInLittle: a crowd of addresses takes bounded memory, and a
// clock that goes back forgets it.
func TestStrangersAreCountedInLittle(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	s := newStrangers(func() time.Time { return now })
	for i := range 3 * maxStrangers {
		s.fail(stranger{netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), true})
	}
	if n := len(s.failures); n > maxStrangers+1 {
		t.Errorf("%d addresses are counted", n)
	}
	now = now.Add(-time.Hour)
	if before, _ := s.fail(stranger{netip.MustParseAddr("10.0.0.1"), true}); before != 0 || len(s.failures) != 1 {
		t.Errorf("after the clock was set back there are %d before", before)
	}
}

func TestNeighbourhood(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "2001:db8:0:1:2:3:4:5": "2001:db8:0:1::", "fe80::1%eth0": "fe80::",
	} {
		if got := neighbourhood(netip.MustParseAddr(address)); got.String() != want {
			t.Errorf("%s counts as %s, want %s", address, got, want)
		}
	}
	for text, want := range map[string]string{"[::ffff:192.0.2.1]:80": "192.0.2.1", "pipe": "invalid IP", "": "invalid IP"} {
		if got := fmt.Sprint(addressOf(text)); got != want {
			t.Errorf("%q is from %s, want %s", text, got, want)
		}
	}
}
