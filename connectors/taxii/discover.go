package taxii

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// found is what the configured URL led to.
type found struct {
	// hub may send credentials to where the collections are.
	hub   *hub
	title string
	// collections are those to pull, never none.
	collections []collection
}

// discover finds the collections to pull. It accepts the address of a discovery
// resource, of an API root, of its collections or of one collection.
func (c *Connector) discover(ctx context.Context, h *hub) (*found, error) {
	at, err := locate(c.settings.URL)
	if err != nil {
		return nil, err
	}
	if at.collection != "" {
		only, err := c.single(ctx, h, at)
		return &found{hub: h, title: only.title(), collections: []collection{only}}, err
	}
	f := &found{hub: h}
	roots := []apiRoot{{address: at.root}}
	if at.root == "" {
		if f.title, roots, err = c.enter(ctx, h, at.address); err != nil {
			return nil, err
		}
	}
	if c.settings.FollowHosts {
		if f.hub, err = c.follow(h, roots); err != nil {
			return nil, err
		}
	}
	if f.collections, err = f.hub.chosen(ctx, roots, c.settings.Collections); err != nil {
		f.hub.close()
		return nil, f.hub.client.ScrubError(err)
	}
	return f, nil
}

// chosen returns those collections of the API roots that are to be pulled.
func (h *hub) chosen(ctx context.Context, roots []apiRoot, want Collections) ([]collection, error) {
	listed, err := h.list(ctx, roots)
	if err != nil {
		return nil, err
	}
	return choose(listed, want)
}

// enter asks the address what it is. For a bare host, the discovery has its
// standard path (section 4.1).
func (c *Connector) enter(ctx context.Context, h *hub, address string) (string, []apiRoot, error) {
	if strings.Count(address, "/") == 3 {
		title, roots, err := c.ask(ctx, h, address+"taxii2/")
		if statusOf(err) != http.StatusNotFound {
			return title, roots, err
		}
	}
	return c.ask(ctx, h, address)
}

func (c *Connector) ask(ctx context.Context, h *hub, address string) (string, []apiRoot, error) {
	var e entrance
	if err := h.read(ctx, address, &e); err != nil {
		return "", nil, err
	}
	switch {
	case len(e.APIRoots) > 0 || e.Default != "":
		roots, err := c.rootsOf(address, &e)
		return e.Title, roots, err
	case !e.root():
		return "", nil, permanentf("%s: the answer is neither a TAXII discovery with API roots nor an API root: is this the right address?", address)
	case !e.speaks21():
		return "", nil, permanentf("%s: this API root speaks %s, and not TAXII 2.1", address, strings.Join(e.Versions, ", "))
	}
	return e.Title, []apiRoot{{address: address}}, nil
}

// rootsOf returns the API roots of a discovery, the default one first. Some hubs
// name a default that is not in their list.
func (c *Connector) rootsOf(discovery string, e *entrance) ([]apiRoot, error) {
	entries := e.APIRoots
	if e.Default != "" {
		entries = append([]string{e.Default}, entries...)
	}
	var roots []apiRoot
	for _, entry := range entries {
		root, err := resolveRoot(discovery, entry, c.settings.FollowHosts)
		if err != nil {
			return nil, permanentf("%s: the hub names an API root that is not a valid URL", discovery)
		}
		if !slices.ContainsFunc(roots, func(r apiRoot) bool { return r.address == root.address }) {
			roots = append(roots, root)
		}
	}
	return roots, nil
}

// follow returns a hub that sends the credentials to the API roots too.
func (c *Connector) follow(h *hub, roots []apiRoot) (*hub, error) {
	addresses := []string{c.settings.URL}
	for _, root := range roots {
		addresses = append(addresses, root.address)
	}
	followed, err := c.open(addresses...)
	if err != nil {
		return nil, fmt.Errorf("%s names API roots that cannot be used: %w", c.settings.URL, err)
	}
	followed.accept = h.accept
	return followed, nil
}

// list returns the collections of the API roots. Where there are several, one
// that we may not see is passed over.
func (h *hub) list(ctx context.Context, roots []apiRoot) ([]collection, error) {
	var all []collection
	var refusal error
	for _, root := range roots {
		var l listing
		err := h.read(ctx, root.address+"collections/", &l)
		if err != nil && root.named != "" {
			err = fmt.Errorf("%w (the hub names this API root %s; follow_hosts: true goes there, with the credentials)", err, root.named)
		}
		switch {
		case err == nil:
			for _, one := range l.Collections {
				one.root = root.address
				all = append(all, one)
			}
		case hidden(err) && len(roots) > 1:
			refusal = err
		default:
			return nil, err
		}
	}
	if len(all) == 0 && refusal != nil {
		return nil, refusal
	}
	return all, nil
}

// single returns the collection that the address names. It is looked for in the
// list, but some hubs list nothing, so what is not there is taken at its word.
func (c *Connector) single(ctx context.Context, h *hub, at place) (collection, error) {
	only := collection{ID: at.collection, root: at.root}
	listed, err := h.list(ctx, []apiRoot{{address: at.root}})
	if err != nil && !hidden(err) {
		return only, err
	}
	if i := slices.IndexFunc(listed, func(l collection) bool { return l.ID == only.ID || l.Alias == only.ID }); i >= 0 {
		only = listed[i]
	}
	for _, name := range c.settings.Collections.Names {
		if !only.named(name) {
			return only, permanentf("url is the address of collection %s, and collections names %q: give one or the other", &only, name)
		}
	}
	if !only.readable() {
		return only, unreadable(&only)
	}
	return only, nil
}
