package taxii

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/indicatord/indicatord/internal/stix"
)

// walk reads a collection from a time to its end (sections 3.5 and 5.4). Every
// page is asked for with the same filter and limit.
//
// It follows the server's next where there is one. A server that forgets it is
// asked again from a time that is safe (see [cycle.resume]). Where there is no
// next, the walk goes on from the date of the last object, one tick before it
// rather than from it as section 3.5 has it, because objects of equal dates may
// straddle pages.
type walk struct {
	hub    *hub
	from   *collection
	filter filter
	guards guards
	cycle  cycle // what is known of the dates

	after time.Time // added_after of the next request, zero for none
	next  string
	limit int
	began time.Time // by the clock of this machine
	done  bool

	previous page
	newest   string // id of the last object seen
	restarts restarts
	tied     int // objects in the page of one date that could not be passed
	watch    watch
}

// page is one answer.
type page struct {
	url         string // without secrets
	objects     []json.RawMessage
	more        bool
	next        string
	first, last time.Time
}

// pages yields the objects of each page, which may be none, until the walk is
// done. An error ends it.
func (w *walk) pages(ctx context.Context) iter.Seq2[[]json.RawMessage, error] {
	return func(yield func([]json.RawMessage, error) bool) {
		for !w.done {
			p, err := w.ask(ctx)
			if w.forgotten(err) {
				if err = w.restart(err); err == nil {
					continue
				}
			}
			if err == nil {
				err = w.advance(ctx, p)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(p.objects, nil) {
				return
			}
		}
	}
}

// ask fetches the next page.
func (w *walk) ask(ctx context.Context) (page, error) {
	answer, err := w.hub.get(ctx, w.from.objects()+"?"+w.query().Encode())
	if err != nil {
		return page{}, err
	}
	envelope, err := stix.SplitEnvelope(answer.Body)
	if err != nil {
		return page{}, fmt.Errorf("%s: %w", answer.URL, err)
	}
	p := page{url: answer.URL, objects: envelope.Objects, more: envelope.More, next: envelope.Next}
	p.first, p.last = addedBetween(answer.Header)
	return p, nil
}

func (w *walk) query() url.Values {
	query := url.Values(maps.Clone(w.filter))
	query.Set("limit", strconv.Itoa(w.limit))
	if !w.after.IsZero() {
		query.Set("added_after", formatTime(w.after))
	}
	if w.next != "" {
		query.Set("next", w.next)
	}
	return query
}

// advance decides what to ask for after a page.
func (w *walk) advance(ctx context.Context, p page) error {
	if err := w.watch.see(w.guards, p); err != nil {
		return fmt.Errorf("%s: %w", p.url, err)
	}
	if w.next != "" && w.repeats(p) {
		return fmt.Errorf("%s: the hub sends the same page again and again (%d objects)", p.url, len(p.objects))
	}
	w.note(p)
	switch {
	case !p.more:
		return w.finish(ctx)
	case p.next != "":
		w.next = p.next
		return nil
	}
	w.next = ""
	return w.stride(ctx, p)
}

// repeats reports whether a page equals the one before. A token that repeats is
// no such sign: medallion sends the same one with every page.
func (w *walk) repeats(p page) bool {
	before := &w.previous
	return len(p.objects) > 0 && p.first.Equal(before.first) && p.last.Equal(before.last) &&
		slices.EqualFunc(p.objects, before.objects, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) })
}

// note remembers how far a page reaches.
func (w *walk) note(p page) {
	if p.last.Before(p.first) || !p.first.IsZero() && p.first.Before(w.previous.last) {
		w.cycle.Unordered = true
	}
	w.cycle.Last = latest(w.cycle.Last, latest(p.first, p.last))
	w.cycle.Pages++
	if n := len(p.objects); n > 0 {
		if header, err := stix.ReadHeader(p.objects[n-1]); err == nil {
			w.newest = header.ID
		}
		w.previous = p
	}
}

// finish ends the walk. Where the server sent no dates, its manifest may know
// the last one.
func (w *walk) finish(ctx context.Context) error {
	w.done = true
	if !w.cycle.Last.IsZero() {
		return nil
	}
	var err error
	w.cycle.Last, err = w.hub.dateAdded(ctx, w.from, w.newest)
	return err
}

// stride goes on by date after a page that has no next.
func (w *walk) stride(ctx context.Context, p page) error {
	last := p.last
	switch {
	case len(p.objects) == 0:
		return nil // legal, and the guard counts it
	case w.cycle.Unordered:
		return errors.New("the hub says there is more and gives no next, and its dates do not rise: its pages cannot be told apart")
	case last.IsZero():
		var err error
		if last, err = w.hub.dateAdded(ctx, w.from, w.newest); err != nil {
			return err
		}
	}
	if last.IsZero() {
		return errors.New("the hub says there is more, and gives neither a next nor a date to go on from")
	}
	if after := last.Add(-tick); after.After(w.after) {
		w.after, w.tied = after, 0
		return nil
	}
	return w.widen(p, last)
}

// widen asks for more at once when a whole page has one date. To go on behind
// that date would skip what is left of it.
func (w *walk) widen(p page, date time.Time) error {
	if len(p.objects) <= w.tied {
		return fmt.Errorf("%s: the hub added more than %d objects at %s, gives no next, and sends no larger page: ask it for a larger page or for next",
			p.url, len(p.objects), formatTime(date))
	}
	w.tied = len(p.objects)
	w.limit *= 2
	return nil
}

// clockSkew is how far the hub's clock may be ahead of ours.
const clockSkew = time.Hour

// believable is the last date of the walk, or the time at which it began where
// that date lies in the future: a position there would hide whatever the hub
// adds until then.
func (w *walk) believable() time.Time {
	if w.cycle.Last.After(w.began.Add(clockSkew)) {
		return w.began
	}
	return w.cycle.Last
}

// forgotten reports whether a server does not know its own next any more.
func (w *walk) forgotten(err error) bool {
	if w.next == "" {
		return false
	}
	switch statusOf(err) {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusGone:
		return true
	}
	return false
}

// restart begins again where nothing is lost, unless that has led nowhere.
func (w *walk) restart(cause error) error {
	if !w.restarts.allow(w.guards, w.cycle.Last) {
		return fmt.Errorf("the hub forgot its place %d times without getting any further: %w", w.guards.restarts+1, cause)
	}
	w.after, w.next, w.previous = w.cycle.resume(tick), "", page{}
	return nil
}
