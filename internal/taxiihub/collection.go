package taxiihub

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"
)

// Collection is a collection in memory. Its methods may be called from many
// goroutines at once.
type Collection struct {
	clock       func() time.Time
	sharedDates bool

	mu      sync.RWMutex
	records []*Record            // ascending positions, and so dates
	byID    map[string][]*Record // every version of an object, oldest first
	last    Record               // position and date of the newest, removed or not
}

func newCollection(clock func() time.Time, sharedDates bool) *Collection {
	return &Collection{clock: clock, sharedDates: sharedDates, byID: make(map[string][]*Record)}
}

// Add takes objects in, in this order. An object that the collection already
// holds in that version is left as it is (TAXII 2.1, section 5.5). If one
// object has no id, no type or a broken time, none is taken.
func (c *Collection) Add(objects ...json.RawMessage) error {
	records := make([]*Record, 0, len(objects))
	for i, object := range objects {
		r, err := newRecord(object)
		if err != nil {
			return fmt.Errorf("adding object %d of %d: %w", i+1, len(objects), err)
		}
		records = append(records, r)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clock().UTC().Truncate(time.Microsecond)
	date := c.nextDate(now)
	for _, r := range records {
		c.append(r, date)
		if !c.sharedDates {
			date = c.nextDate(now)
		}
	}
	return nil
}

// nextDate is now, or a microsecond after the newest record where the clock has
// not moved on: what is added later must be later for added_after to find it.
func (c *Collection) nextDate(now time.Time) time.Time {
	if now.After(c.last.DateAdded) {
		return now
	}
	return c.last.DateAdded.Add(time.Microsecond)
}

// append stores r unless the collection holds it already.
func (c *Collection) append(r *Record, date time.Time) {
	versions := c.byID[r.ID]
	if r.VersionText == "" {
		if n := len(versions); n > 0 && bytes.Equal(versions[n-1].Object, r.Object) {
			return
		}
		r.Version, r.VersionText = date, formatDate(date)
	}
	i, held := slices.BinarySearchFunc(versions, r, compareVersions)
	if held {
		return
	}
	r.Position, r.DateAdded = c.last.Position+1, date
	c.byID[r.ID] = slices.Insert(versions, i, r)
	c.records = append(c.records, r)
	c.last = Record{Position: r.Position, DateAdded: r.DateAdded}
}

// Remove drops every version of an object and leaves no trace of it, as TAXII
// hubs do. It reports whether the object was there.
func (c *Collection) Remove(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byID[id]; !ok {
		return false
	}
	delete(c.byID, id)
	c.records = slices.DeleteFunc(c.records, func(r *Record) bool { return r.ID == id })
	return true
}

// Len returns how many records the collection holds, all versions counted.
func (c *Collection) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.records)
}

// Select implements [Holdings].
func (c *Collection) Select(_ context.Context, q Query) (Selection, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var s Selection
	for _, r := range c.candidates(&q) {
		if !q.admits(r, c.byID[r.ID]) {
			continue
		}
		if len(s.Records) == q.Limit {
			s.More = true
			break
		}
		s.Records = append(s.Records, *r)
	}
	return s, nil
}

// candidates returns the records that lie behind the start of q, and are of the
// objects that q names if it names any.
func (c *Collection) candidates(q *Query) []*Record {
	records := c.records
	if len(q.IDs) > 0 {
		records = c.versionsOf(q.IDs)
	}
	start := sort.Search(len(records), func(i int) bool {
		return records[i].Position > q.After && records[i].DateAdded.After(q.AddedAfter)
	})
	return records[start:]
}

// versionsOf returns every version of the objects, in order of position.
func (c *Collection) versionsOf(ids []string) []*Record {
	var found []*Record
	for i, id := range ids {
		if !slices.Contains(ids[:i], id) {
			found = append(found, c.byID[id]...)
		}
	}
	slices.SortFunc(found, func(a, b *Record) int { return cmp.Compare(a.Position, b.Position) })
	return found
}
