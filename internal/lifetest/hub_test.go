package lifetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/indicatord/indicatord/connectors"
)

// event is one thing that a hub tells: a fact, or that it no longer holds an
// object.
type event struct {
	fact published
	gone string // the id of an object
}

// hub is one source. What it tells, and in what order, is up to the pull that a
// history plans.
type hub struct {
	events []event
	held   map[string]event
}

func newHub() *hub { return &hub{held: map[string]event{}} }

func (h *hub) publish(f published) {
	h.events = append(h.events, event{fact: f})
	h.held[f.head().id] = event{fact: f}
}

// drop takes an object from the hub, which tells of it or does not.
func (h *hub) drop(id string, tells bool) {
	delete(h.held, id)
	if tells {
		h.events = append(h.events, event{gone: id})
	}
}

// page is what a pull hands over at once.
type page struct {
	events []event
	// cursor is how many events the source has told of up to here, -1 where
	// the page does not say.
	cursor   int
	complete bool
	// late is a page that comes so late that what came before it is stored
	// already.
	late bool
}

// pull is how one pull goes.
type pull struct {
	source string
	full   bool
	// order is the seed of the order in which things come; 0 is in order.
	order uint64
	// repeats is how many old events come again.
	repeats int
	// size is how many events a page has.
	size int
	// cut is how many pages come before the hub fails, -1 for all.
	cut int
	// late is the page that comes late, -1 for none.
	late int
	// unsaid is a full pull that does not say that it was complete.
	unsaid bool
	// most is how many objects a full pull may withdraw, -1 for all.
	most int
}

// pages plans what the hub hands over in a pull that begins at a cursor.
func (h *hub) pages(p pull, cursor int) []page {
	told := h.telling(p, cursor)
	var pages []page
	upTo := cursor
	for n := 0; len(told) > 0 || n == 0; n++ {
		size := min(p.size, len(told))
		next := page{cursor: -1, late: n == p.late}
		for _, t := range told[:size] {
			next.events = append(next.events, t.event)
			upTo = max(upTo, t.upTo)
		}
		if p.order == 0 && !p.full {
			next.cursor = upTo
		}
		told = told[size:]
		pages = append(pages, next)
	}
	last := &pages[len(pages)-1]
	last.cursor, last.complete = len(h.events), p.full && !p.unsaid
	return pages
}

// told is an event in its place, and how far a pull in order has come with it.
type told struct {
	event
	upTo int
}

func (h *hub) telling(p pull, cursor int) []told {
	random := rand.New(rand.NewPCG(p.order, 1))
	var all []told
	if p.full {
		for _, id := range slices.Sorted(maps.Keys(h.held)) {
			all = append(all, told{event: h.held[id]})
		}
	} else {
		for i, e := range h.events[cursor:] {
			all = append(all, told{e, cursor + i + 1})
		}
	}
	if p.order != 0 {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	for range min(p.repeats, len(h.events)) {
		again := told{event: h.events[random.IntN(len(h.events))]}
		all = slices.Insert(all, random.IntN(len(all)+1), again)
	}
	return all
}

// errCut is how a hub fails in the middle of a pull.
var errCut = errors.New("the hub is away")

// connection is a connector that hands over pages as they are planned.
type connection struct {
	hub    *hub
	plan   pull
	cursor int // that the pull should begin at
}

// Fetch implements [connectors.Connector].
func (c *connection) Fetch(ctx context.Context, from connectors.State, sink connectors.Sink) error {
	if began, _ := strconv.Atoi(string(from.Cursor)); began != c.cursor || from.Full != c.plan.full {
		return fmt.Errorf("the pull began at %q, full %t, want %d, %t", from.Cursor, from.Full, c.cursor, c.plan.full)
	}
	pages := c.hub.pages(c.plan, c.cursor)
	for i, p := range pages {
		if i == c.plan.cut {
			return errCut
		}
		if p.late {
			time.Sleep(time.Minute)
		}
		if err := sink(ctx, p.handed()); err != nil {
			return err
		}
	}
	return nil
}

func (p page) handed() connectors.Page {
	handed := connectors.Page{Complete: p.complete}
	for _, e := range p.events {
		if e.fact != nil {
			handed.Objects = append(handed.Objects, e.fact.stix())
		} else {
			handed.Withdrawn = append(handed.Withdrawn, e.gone)
		}
	}
	if p.cursor >= 0 {
		handed.Cursor = strconv.AppendInt(nil, int64(p.cursor), 10)
	}
	return handed
}
