package memory

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"sync"
)

// Source is what a connector to memory pulls from. The zero value is an empty
// source. It is safe for concurrent use.
type Source struct {
	mu       sync.Mutex
	sequence int64
	events   []event          // the newest of each id, in the order of their sequence
	places   map[string]int64 // the sequence of each id's event
	failure  error
	goodFor  int // pages that pass before the failure
	gate     chan struct{}
}

// event is the last thing that happened to an id.
type event struct {
	sequence int64
	id       string
	object   json.RawMessage // nil where the id was withdrawn
}

// Put adds objects, or revises those whose id the source has. A revocation is a
// revision too. An object without an id is kept as it is: a source may be
// broken.
func (s *Source) Put(objects ...json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, object := range objects {
		s.record(idOf(object), slices.Clone(object))
	}
}

// Withdraw removes objects and says so in the next pull.
func (s *Source) Withdraw(ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.record(id, nil)
	}
}

// Forget removes objects without a word. Only a full pull can show it.
func (s *Source) Forget(ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.drop(id)
	}
}

// Fail makes every pull end with err after it has handed over the given number
// of pages, until [Source.Mend].
func (s *Source) Fail(pages int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure, s.goodFor = err, pages
}

// Block makes every pull wait before its next page, until [Source.Mend].
func (s *Source) Block() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gate == nil {
		s.gate = make(chan struct{})
	}
}

// Mend takes back [Source.Fail] and [Source.Block].
func (s *Source) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = nil
	if s.gate != nil {
		close(s.gate)
		s.gate = nil
	}
}

// Len counts the objects that the source holds.
func (s *Source) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, e := range s.events {
		if e.object != nil {
			n++
		}
	}
	return n
}

// record puts an event at the end, in place of what there was about its id.
func (s *Source) record(id string, object json.RawMessage) {
	s.drop(id)
	s.sequence++
	s.events = append(s.events, event{sequence: s.sequence, id: id, object: object})
	if s.places == nil {
		s.places = map[string]int64{}
	}
	if id != "" {
		s.places[id] = s.sequence
	}
}

// drop removes the event of an id, if there is one.
func (s *Source) drop(id string) {
	if sequence, ok := s.places[id]; ok {
		delete(s.places, id)
		i := s.find(sequence)
		s.events = slices.Delete(s.events, i, i+1)
	}
}

// find returns the place of the first event that is not before a sequence
// number.
func (s *Source) find(sequence int64) int {
	i, _ := slices.BinarySearchFunc(s.events, sequence, func(e event, n int64) int { return cmp.Compare(e.sequence, n) })
	return i
}

// since returns the events after a sequence number, and the newest number.
func (s *Source) since(after int64) ([]event, int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.events[s.find(after+1):]), s.sequence
}

// enter waits while the source is blocked, and fails when it is told to fail
// after so many pages.
func (s *Source) enter(ctx context.Context, pages int) error {
	s.mu.Lock()
	gate := s.gate
	s.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if pages >= s.goodFor {
		return s.failure
	}
	return nil
}

func idOf(object json.RawMessage) string {
	var named struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(object, &named)
	return named.ID
}
