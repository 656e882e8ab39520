package sample

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// History is a second source for the demo: indicators that appear, change, end
// and are withdrawn while one watches. The domains are below .example, which no
// one can own (RFC 2606), and the hashes belong to no file; the addresses are
// those that the bundle names.
//
// A History depends on nothing but its seed and the times it is given. It is
// for one goroutine.
type History struct {
	seed   int64
	start  time.Time
	random *rand.Rand
	names  []string
	steps  int
	made   int
	live   []*invented
}

// Step is what changes at the hub in one step.
type Step struct {
	// Add are objects to add: new ones, and new versions of old ones.
	Add []json.RawMessage
	// Remove are ids of objects that vanish without a word, as TAXII allows.
	Remove []string
	// Story tells in one line what happened, for a person who watches.
	Story string
}

// How the history goes.
const (
	openingSize   = 8
	updateEvery   = 2 // steps
	revokeEvery   = 3
	vanishEvery   = 4
	shortestLife  = 20 * time.Second
	lifeSpread    = 40 * time.Second
	keepAtLeast   = 4 // so that there is something to see
	historyAuthor = "indicatord sample history"
)

// NewHistory returns the history of a seed. The first objects say that they
// were made at start.
func NewHistory(seed int64, start time.Time) *History {
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	names := inventedNames()
	random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return &History{seed: seed, start: start, random: random, names: names}
}

// Step goes one step on. Times must not fall from step to step.
func (h *History) Step(now time.Time) Step {
	var s Step
	h.steps++
	if h.steps == 1 {
		h.open(&s, now)
		return s
	}
	var story []string
	tell := func(line string) {
		if line != "" {
			story = append(story, line)
		}
	}
	tell(h.expire(now))
	tell(h.add(&s, now))
	if h.steps%updateEvery == 0 {
		tell(h.update(&s, now))
	}
	if h.steps%revokeEvery == 0 {
		tell(h.revoke(&s, now))
	}
	if h.steps%vanishEvery == 0 {
		tell(h.vanish(&s))
	}
	s.Story = strings.Join(story, "; ")
	return s
}

// open adds what the hub holds at first.
func (h *History) open(s *Step, now time.Time) {
	s.Add = append(s.Add, encode(newMarking(tlpGreen, "TLP:GREEN", "green")), encode(h.author()))
	for range openingSize {
		h.add(s, now)
	}
	s.Story = fmt.Sprintf("opened: %d indicators, some of them short-lived", openingSize)
}

func (h *History) author() identity {
	who := identity{common: newCommon("identity", historyAuthor, h.start), Class: "system"}
	who.Name = historyAuthor
	who.Markings = []string{tlpGreen}
	return who
}

// add makes a new indicator; every second one ends within a minute.
func (h *History) add(s *Step, now time.Time) string {
	i := h.invent(now)
	h.live = append(h.live, i)
	s.Add = append(s.Add, encode(i.object))
	if i.until.IsZero() {
		return fmt.Sprintf("new: %s, confidence %d", i.value, i.object.Confidence)
	}
	return fmt.Sprintf("new: %s, confidence %d, for %s", i.value, i.object.Confidence, i.until.Sub(now).Round(time.Second))
}

// expire forgets what has ended by its own valid_until; the hub says nothing.
func (h *History) expire(now time.Time) string {
	var ended []string
	kept := h.live[:0]
	for _, i := range h.live {
		if i.until.IsZero() || now.Before(i.until) {
			kept = append(kept, i)
			continue
		}
		ended = append(ended, i.value)
	}
	h.live = kept
	if len(ended) == 0 {
		return ""
	}
	return "expired: " + strings.Join(ended, ", ")
}

// update gives one indicator another confidence.
func (h *History) update(s *Step, now time.Time) string {
	i := h.live[h.random.IntN(len(h.live))]
	before := i.object.Confidence
	for i.object.Confidence == before {
		i.object.Confidence = confidences[h.random.IntN(len(confidences))]
	}
	i.revise(now)
	s.Add = append(s.Add, encode(i.object))
	return fmt.Sprintf("updated: %s, confidence %d, was %d", i.value, i.object.Confidence, before)
}

// revoke withdraws the oldest indicator in the way that STIX has for it.
func (h *History) revoke(s *Step, now time.Time) string {
	i, ok := h.takeOldest()
	if !ok {
		return ""
	}
	i.object.Revoked = true
	i.revise(now)
	s.Add = append(s.Add, encode(i.object))
	return fmt.Sprintf("revoked: %s, the hub withdrew it", i.value)
}

// vanish drops the oldest indicator without a word.
func (h *History) vanish(s *Step) string {
	i, ok := h.takeOldest()
	if !ok {
		return ""
	}
	s.Remove = append(s.Remove, i.object.ID)
	return fmt.Sprintf("vanished: %s, the hub no longer holds it; only a full pull can tell", i.value)
}

// takeOldest takes the oldest indicator that has no end of its own, unless few
// are left.
func (h *History) takeOldest() (*invented, bool) {
	if len(h.live) <= keepAtLeast {
		return nil, false
	}
	for n, i := range h.live {
		if i.until.IsZero() {
			h.live = append(h.live[:n], h.live[n+1:]...)
			return i, true
		}
	}
	return nil, false
}
