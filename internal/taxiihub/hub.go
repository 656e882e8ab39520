package taxiihub

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzhttp"
)

// Options are what a hub can be told. The zero value is a hub that everyone may
// read, with its API root at /api/.
type Options struct {
	// Title, Description and Contact describe the hub to people.
	Title, Description, Contact string
	// Root is the path of the API root without its outer slashes, "api" by
	// default. It is not "taxii2", which is the path of discovery.
	Root string
	// BaseURL goes before the path of the API root in the discovery answer,
	// such as "https://hub.example"; without it the path stands alone, which
	// the standard allows.
	BaseURL string
	// MaxPage is the most objects in one answer, 1,000 by default.
	MaxPage int
	// SharedDates gives all objects of one call of [Collection.Add] the same
	// date, as many hubs do. Otherwise dates strictly rise.
	SharedDates bool
	// Credentials are what clients must show.
	Credentials Credentials
	// Uncompressed serves no gzip to clients that would take it.
	Uncompressed bool
	// Clock tells the time, time.Now by default.
	Clock func() time.Time
}

// The defaults of [Options], and what the API root says of request bodies,
// which no collection takes.
const (
	defaultRoot      = "api"
	defaultTitle     = "TAXII hub"
	defaultMaxPage   = 1000
	maxContentLength = 1 << 20
	shutdownGrace    = 5 * time.Second
)

// Hub is a TAXII 2.1 server. Its methods may be called from many goroutines at
// once.
type Hub struct {
	options Options
	tokens  tokens

	mu          sync.RWMutex
	collections []attached
}

type attached struct {
	info     Info
	holdings Holdings
}

func (a *attached) named(name string) bool {
	return name == a.info.ID || a.info.Alias != "" && name == a.info.Alias
}

// New returns a hub without collections.
func New(options Options) *Hub {
	options.Title = cmp.Or(options.Title, defaultTitle)
	options.Root = cmp.Or(strings.Trim(options.Root, "/"), defaultRoot)
	options.MaxPage = cmp.Or(options.MaxPage, defaultMaxPage)
	if options.Clock == nil {
		options.Clock = time.Now
	}
	return &Hub{options: options, tokens: newTokens()}
}

// Collection adds an empty collection in memory to the hub. The alias may be
// empty. An id or alias that is in use is a mistake of the caller and panics;
// [Hub.Attach] returns it as an error.
func (h *Hub) Collection(id, title, alias string) *Collection {
	c := newCollection(h.options.Clock, h.options.SharedDates)
	if err := h.Attach(Info{ID: id, Title: title, Alias: alias}, c); err != nil {
		panic("taxiihub: " + err.Error())
	}
	return c
}

// Attach adds a collection that is served from holdings. It refuses an id or
// alias that another collection has, or that cannot stand in a path.
func (h *Hub) Attach(info Info, holdings Holdings) error {
	if info.ID == "" || strings.Contains(info.ID+info.Alias, "/") {
		return fmt.Errorf("collection id %q, alias %q: want an id, and no slashes", info.ID, info.Alias)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	taken := func(a attached) bool { return a.named(info.ID) || info.Alias != "" && a.named(info.Alias) }
	if slices.ContainsFunc(h.collections, taken) {
		return fmt.Errorf("collection id %q or alias %q is in use", info.ID, info.Alias)
	}
	h.collections = append(h.collections, attached{info, holdings})
	return nil
}

// find returns the collection with the given id or alias.
func (h *Hub) find(name string) (attached, error) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	i := slices.IndexFunc(h.collections, func(a attached) bool { return a.named(name) })
	if i < 0 {
		return attached{}, problemf(http.StatusNotFound, "There is no collection %q.", name)
	}
	return h.collections[i], nil
}

// Path returns the path of the API root, such as "/api/".
func (h *Hub) Path() string { return "/" + h.options.Root + "/" }

// Handler returns the hub's HTTP side.
func (h *Hub) Handler() http.Handler {
	handler := h.guard(h.routes())
	if h.options.Uncompressed {
		return handler
	}
	return gzhttp.GzipHandler(handler)
}

// Serve answers requests on listener until ctx ends, then lets the running ones
// finish within five seconds. It returns nil after such an end, and closes the
// listener in any case.
func (h *Hub) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: h.Handler(), ReadHeaderTimeout: 10 * time.Second}
	drained := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		defer cancel()
		drained <- server.Shutdown(grace)
	})
	err := server.Serve(listener)
	if stop() || !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving TAXII on %s: %w", listener.Addr(), err)
	}
	if err := <-drained; err != nil {
		_ = server.Close()
		return fmt.Errorf("stopping the TAXII hub on %s: %w", listener.Addr(), err)
	}
	return nil
}
