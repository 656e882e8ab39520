package listserver

import (
	"net/netip"
	"sync"
	"time"
)

const (
	// failuresPerMinute is how often one address may show wrong credentials in a
	// minute before it is told to wait, and how often the log tells of one that shows
	// none.
	failuresPerMinute = 30
	// maxStrangers bounds what is counted apart.
	maxStrangers = 10_000
)

// stranger is an address that shows credentials, or none.
type stranger struct {
	from  netip.Addr
	shows bool
}

// reason is what the log says of the request.
func (s stranger) reason() string {
	if s.shows {
		return "no device has these credentials"
	}
	return "no credentials are shown, and no device is known by this address"
}

// strangers counts the requests of nobody who is known by the address that they come
// from, a minute at a time. A device behind the same address is served whatever its
// neighbour does.
type strangers struct {
	now func() time.Time

	mu       sync.Mutex
	since    time.Time
	failures map[stranger]int
}

func newStrangers(now func() time.Time) *strangers {
	return &strangers{now: now, failures: map[stranger]int{}}
}

// fail counts a failure. It returns how many there were before it in this minute,
// and how long the minute still lasts.
func (s *strangers) fail(who stranger) (before int, rest time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if passed := now.Sub(s.since); passed < 0 || passed >= time.Minute {
		s.since = now
		clear(s.failures)
	}
	who.from = neighbourhood(who.from)
	if _, counted := s.failures[who]; !counted && len(s.failures) >= maxStrangers {
		who.from = netip.Addr{} // All others together.
	}
	before = s.failures[who]
	s.failures[who]++
	return before, time.Minute - now.Sub(s.since)
}
