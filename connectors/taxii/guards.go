package taxii

import (
	"fmt"
	"time"
)

// guards are what no healthy hub needs, so that a sick one cannot keep a pull
// for ever.
type guards struct {
	pages    int           // of a walk
	empty    int           // pages in a row that are empty and say there is more
	restarts int           // in a row without a later date
	longest  time.Duration // of a walk
}

var patience = guards{pages: 1_000_000, empty: 20, restarts: 3, longest: 24 * time.Hour}

// watch counts a walk's pages.
type watch struct {
	begun time.Time
	pages int
	empty int
}

// see counts a page and reports a walk that seems to have no end.
func (w *watch) see(g guards, p page) error {
	if w.begun.IsZero() {
		w.begun = time.Now()
	}
	w.pages++
	w.empty++
	if len(p.objects) > 0 {
		w.empty = 0
	}
	switch {
	case !p.more:
		return nil
	case w.empty >= g.empty:
		return fmt.Errorf("the hub sent %d empty pages in a row and says there is more", w.empty)
	case w.pages >= g.pages:
		return fmt.Errorf("the hub sent %d pages and says there is more: this seems to have no end", w.pages)
	case time.Since(w.begun) > g.longest:
		return fmt.Errorf("the hub sends pages since %s and says there is more: this seems to have no end", time.Since(w.begun).Round(time.Second))
	}
	return nil
}

// restarts counts the times that a walk began again.
type restarts struct {
	count int
	last  time.Time
}

// allow reports whether to begin again, given the latest date that was seen. A
// walk that gets further each time may go on so.
func (r *restarts) allow(g guards, last time.Time) bool {
	if last.After(r.last) {
		r.count = 0
	}
	r.last = last
	r.count++
	return r.count <= g.restarts
}
