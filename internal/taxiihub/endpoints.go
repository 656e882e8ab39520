package taxiihub

import (
	"net/http"
)

// discovery is section 4.1.
func (h *Hub) discovery(*http.Request) (answer, error) {
	root := h.options.BaseURL + h.Path()
	return answer{body: marshal(discoveryResource{
		Title:       h.options.Title,
		Description: h.options.Description,
		Contact:     h.options.Contact,
		Default:     root,
		APIRoots:    []string{root},
	})}, nil
}

// apiRoot is section 4.2.
func (h *Hub) apiRoot(*http.Request) (answer, error) {
	return answer{body: marshal(apiRootResource{
		Title:            h.options.Title,
		Description:      h.options.Description,
		Versions:         []string{MediaTypeTAXII},
		MaxContentLength: maxContentLength,
	})}, nil
}

// listCollections is section 5.1; the order is that of attachment.
func (h *Hub) listCollections(*http.Request) (answer, error) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var list collectionsResource
	for _, c := range h.collections {
		list.Collections = append(list.Collections, newCollectionResource(c.info))
	}
	return answer{body: marshal(list)}, nil
}

// describeCollection is section 5.2.
func (h *Hub) describeCollection(r *http.Request) (answer, error) {
	c, err := h.find(r.PathValue("collection"))
	return answer{body: marshal(newCollectionResource(c.info))}, err
}

// manifest is section 5.3. Its resource has no next, so a client goes on from
// the date of the last record.
func (h *Hub) manifest(r *http.Request) (answer, error) {
	page, err := h.page(r, nil)
	return answer{body: marshal(newManifest(page.Selection)), records: page.Records}, err
}

// objects is section 5.4.
func (h *Hub) objects(r *http.Request) (answer, error) {
	page, err := h.page(r, nil)
	return page.envelope(), err
}

// object is section 5.6: a search for one id.
func (h *Hub) object(r *http.Request) (answer, error) {
	page, err := h.page(r, func(q *Query) {
		q.IDs, q.Types = []string{r.PathValue("object")}, nil
	})
	return page.envelope(), err
}

// versions is section 5.8: all versions of one id.
func (h *Hub) versions(r *http.Request) (answer, error) {
	page, err := h.page(r, func(q *Query) {
		q.IDs, q.Types = []string{r.PathValue("object")}, nil
		q.Versions = Versions{All: true}
	})
	return answer{body: marshal(newVersions(page.Selection)), records: page.Records}, err
}

// page is a selection and the token of the page behind it.
type page struct {
	Selection
	next string
}

func (p page) envelope() answer {
	body := appendEnvelope(make([]byte, 0, envelopeSize(p.Selection)), p.Selection, p.next)
	return answer{body: body, records: p.Records}
}

// page reads the part of a collection that r asks for. narrow, unless nil,
// makes the query that of one object, which must exist.
func (h *Hub) page(r *http.Request, narrow func(*Query)) (page, error) {
	c, err := h.find(r.PathValue("collection"))
	if err != nil {
		return page{}, err
	}
	asked, err := parseRequest(r.URL.RawQuery)
	if err != nil {
		return page{}, problemf(http.StatusBadRequest, "%v", err)
	}
	if narrow != nil {
		narrow(&asked.Query)
		if err := exists(r, c.holdings, asked.IDs); err != nil {
			return page{}, err
		}
	}
	return h.selectPage(r, c, asked)
}

func (h *Hub) selectPage(r *http.Request, c attached, asked request) (page, error) {
	query := asked.filter(c.info.ID)
	if asked.Next != "" {
		after, err := h.tokens.read(asked.Next, query)
		if err != nil {
			return page{}, problemf(http.StatusBadRequest, "%v", err)
		}
		asked.After = after
	}
	if asked.Limit == 0 || asked.Limit > h.options.MaxPage {
		asked.Limit = h.options.MaxPage
	}
	selection, err := c.holdings.Select(r.Context(), asked.Query)
	p := page{Selection: selection}
	if n := len(p.Records); n > 0 && p.More {
		p.next = h.tokens.write(p.Records[n-1].Position, query)
	}
	return p, err
}

// filter writes what must stay the same from page to page: the collection and
// the filters, but neither the token nor the limit.
func (q request) filter(collection string) string {
	q.Next, q.Limit = "", 0
	return collection + "?" + q.encode()
}

// exists tells an object that the hub does not hold, which is 404, from one of
// which nothing fits the filters.
func exists(r *http.Request, holdings Holdings, ids []string) error {
	s, err := holdings.Select(r.Context(), Query{IDs: ids, Versions: Versions{All: true}, Limit: 1})
	if err == nil && len(s.Records) == 0 {
		return problemf(http.StatusNotFound, "There is no object %q in this collection.", ids[0])
	}
	return err
}
