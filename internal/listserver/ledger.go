package listserver

import (
	"log/slog"
	"sync"
	"time"

	"github.com/indicatord/indicatord/internal/servedlist"
)

// saveEvery is how long a fetch may be known in memory alone.
const saveEvery = 2 * time.Second

// ledger remembers who fetched what, in memory and in the directory of the lists.
type ledger struct {
	dir string
	log *slog.Logger
	now func() time.Time

	mu      sync.Mutex
	fetches servedlist.Fetches
	dirty   bool
}

// openLedger reads what is known from before. A device that is new to a list is
// noted, so that one that never fetches is seen as well; what is configured no
// longer is forgotten.
func openLedger(o *Options) *ledger {
	l := &ledger{dir: o.Dir, log: o.Log, now: o.Now, fetches: servedlist.Fetches{}, dirty: true}
	old, err := servedlist.ReadFetches(o.Dir)
	if err != nil {
		l.log.Error("who fetched the lists before is not known", "error", err)
	}
	for _, c := range o.Clients {
		for _, list := range c.Lists {
			fetch, known := old[list][c.Name]
			if !known {
				fetch.Since = o.Now()
			}
			l.fetches.Set(list, c.Name, fetch)
		}
	}
	return l
}

// note notes that a device has a version.
func (l *ledger) note(list, device, file, version string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fetch := l.fetches[list][device]
	fetch.At, fetch.File, fetch.Version = l.now(), file, version
	l.fetches.Set(list, device, fetch)
	l.dirty = true
}

// save writes what is new. Nobody is kept from fetching while it fails.
func (l *ledger) save() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.dirty {
		return
	}
	if err := servedlist.WriteFetches(l.dir, l.fetches); err != nil {
		l.log.Error("who fetched the lists is not written down", "error", err)
	}
	l.dirty = false
}

// keep saves from time to time until done is closed.
func (l *ledger) keep(done <-chan struct{}) {
	ticker := time.NewTicker(saveEvery)
	defer ticker.Stop()
	for {
		l.save()
		select {
		case <-done:
			l.save()
			return
		case <-ticker.C:
		}
	}
}
