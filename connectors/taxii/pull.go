package taxii

import (
	"context"
	"fmt"
	"strings"

	"github.com/indicatord/indicatord/connectors"
)

// pull is one pull of all collections.
type pull struct {
	connector *Connector
	hub       *hub
	full      bool
	emit      emit
	// state is the cursor of the page that was emitted last.
	state *state
}

// run pulls the collections, one after the other. A full pull carries its
// cursor on its last page alone: until then the old one stays true.
func (p *pull) run(ctx context.Context, f *found) error {
	complete := p.full && !p.missesAny(f)
	for i := range f.collections {
		from := &f.collections[i]
		last := i == len(f.collections)-1
		if err := p.collection(ctx, from, last, complete); err != nil {
			return fmt.Errorf("collection %s: %w", from, err)
		}
	}
	return nil
}

// collection pulls one collection.
func (p *pull) collection(ctx context.Context, from *collection, last, complete bool) error {
	w, key := p.walk(from)
	old := p.state.Collections[key]
	for objects, err := range w.pages(ctx) {
		if err != nil {
			return err
		}
		p.state.Collections[key] = p.reached(old, w)
		if len(objects) == 0 && !w.done {
			continue
		}
		page := connectors.Page{Objects: objects, Complete: complete && last && w.done}
		if !p.full || last && w.done {
			if page.Cursor, err = p.state.encode(); err != nil {
				return err
			}
		}
		if err := p.emit(ctx, page); err != nil {
			return err
		}
	}
	p.tellUndated(from, w)
	p.tellFuture(from, w)
	return nil
}

// walk prepares to read a collection from where it stands, or from the
// beginning for a full pull.
func (p *pull) walk(from *collection) (*walk, string) {
	s := &p.connector.settings
	key := from.key(s.filter())
	stands := p.state.Collections[key]
	if p.full {
		stands = position{}
	}
	base, after := stands.begin(s.AddedAfter, s.Overlap)
	w := &walk{
		hub: p.hub, from: from, filter: s.filter(), guards: p.connector.guards,
		cycle: cycle{Base: base}, after: after, limit: s.PageSize, began: p.connector.now(),
	}
	if stands.Cycle != nil {
		w.cycle = *stands.Cycle
	}
	return w, key
}

// reached returns the position after the page that the walk has read. A full
// pull has seen everything, so its last date is the truth even where it lies
// before the old cursor: the hub may have been set back.
func (p *pull) reached(old position, w *walk) position {
	url := p.connector.settings.URL
	old.URL = url
	switch {
	case !w.done:
		unfinished := w.cycle
		unfinished.Last = w.believable()
		return position{URL: url, Cursor: old.Cursor, Reached: old.Reached, Settled: old.Settled, Cycle: &unfinished}
	case p.full && !w.cycle.Last.IsZero():
		return old.finish(w.believable(), w.began, p.connector.settings.Overlap)
	}
	return old.finish(latest(old.Cursor, w.believable()), w.began, p.connector.settings.Overlap)
}

// missesAny reports, and tells, whether a collection that was pulled before is
// not among those found. A hub may hide what it does not want to show, so its
// objects must not be taken for gone. Collections that are named are always
// found: their absence is an error.
func (p *pull) missesAny(f *found) bool {
	settings := &p.connector.settings
	present := map[string]bool{}
	for i := range f.collections {
		present[f.collections[i].key(settings.filter())] = true
	}
	var missing []string
	for key, stands := range p.state.Collections {
		if settings.Collections.All && stands.URL == settings.URL && !present[key] && sameFilter(key, settings.filter()) {
			missing = append(missing, key)
		}
	}
	if len(missing) == 0 {
		return false
	}
	p.connector.log.Warn("the hub does not list a collection that was pulled before, so a full pull cannot tell what is gone: "+
		"name the collections to pull if it has been closed", "missing", strings.Join(missing, " "))
	return true
}

// tellUndated tells once that a hub gives no dates.
func (p *pull) tellUndated(from *collection, w *walk) {
	if p.connector.undated || !w.cycle.Last.IsZero() || w.newest == "" {
		return
	}
	p.connector.undated = true
	p.connector.log.Warn("the hub gives no dates for its objects, so every pull reads the whole collection", "collection", p.hub.client.Scrub(from.title()))
}

// tellFuture warns of dates that are not believed.
func (p *pull) tellFuture(from *collection, w *walk) {
	if w.believable().Equal(w.cycle.Last) {
		return
	}
	p.connector.log.Warn("the hub dates what it added in the future, or the clock of this machine is behind; the next pull goes on from now",
		"collection", p.hub.client.Scrub(from.title()), "date", formatTime(w.cycle.Last), "now", formatTime(w.began))
}
