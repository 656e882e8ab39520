package taxiihub

import (
	"errors"
	"net/http"
	"strings"
)

// answer is a successful answer, before it is sent.
type answer struct {
	body []byte
	// records are what the date headers tell of; nil on other endpoints.
	records []Record
}

// endpoint answers a GET. Its error is a *problem, or an error of the holdings.
type endpoint func(*http.Request) (answer, error)

// routes maps the endpoints of TAXII 2.1, section 3.1. The first group answers
// nothing but GET; the others are written to in the standard, but no collection
// here can be.
func (h *Hub) routes() http.Handler {
	mux := http.NewServeMux()
	collections := h.Path() + "collections/"
	collection := collections + "{collection}/"
	mux.Handle("/taxii2/{$}", readOnly(h.discovery))
	mux.Handle(h.Path()+"{$}", readOnly(h.apiRoot))
	mux.Handle(collections+"{$}", readOnly(h.listCollections))
	mux.Handle(collection+"{$}", readOnly(h.describeCollection))
	mux.Handle(collection+"manifest/{$}", readOnly(h.manifest))
	mux.Handle(collection+"objects/{$}", h.unwritable(http.MethodPost, readOnly(h.objects)))
	mux.Handle(collection+"objects/{object}/{$}", h.unwritable(http.MethodDelete, readOnly(h.object)))
	mux.Handle(collection+"objects/{object}/versions/{$}", readOnly(h.versions))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		problemf(http.StatusNotFound, "There is nothing at %s.", r.URL.Path).write(w)
	})
	return mux
}

// guard refuses what every endpoint refuses: a stranger, a path without its
// last slash, and a request that does not ask for TAXII 2.1.
func (h *Hub) guard(next http.Handler) http.Handler {
	credentials := &h.options.Credentials
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !credentials.allow(r):
			credentials.challenge(w.Header())
			problemf(http.StatusUnauthorized, "The request shows no credentials that this hub knows.").write(w)
		case !strings.HasSuffix(r.URL.Path, "/"):
			problemf(http.StatusNotFound, "There is nothing at %s: paths end in a slash.", r.URL.Path).write(w)
		case !acceptsTAXII(r.Header.Values("Accept")):
			problemf(http.StatusNotAcceptable, "The Accept header %q does not name %s.",
				strings.Join(r.Header.Values("Accept"), ", "), MediaTypeTAXII).write(w)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// readOnly serves an endpoint to GET and HEAD.
func readOnly(e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			problemf(http.StatusMethodNotAllowed, "%s is not served here.", r.Method).write(w)
			return
		}
		a, err := e(r)
		if err != nil {
			writeError(w, err)
			return
		}
		if n := len(a.records); n > 0 {
			w.Header().Set("X-TAXII-Date-Added-First", formatDate(a.records[0].DateAdded))
			w.Header().Set("X-TAXII-Date-Added-Last", formatDate(a.records[n-1].DateAdded))
		}
		writeBody(w, http.StatusOK, a.body)
	})
}

// unwritable answers the endpoint's writing method as the standard wants for a
// collection with can_write false: 403 (sections 5.5 and 5.7), and 404 where
// there is no such collection.
func (h *Hub) unwritable(method string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method {
			next.ServeHTTP(w, r)
			return
		}
		if _, err := h.find(r.PathValue("collection")); err != nil {
			writeError(w, err)
			return
		}
		problemf(http.StatusForbidden, "This collection is read-only.").write(w)
	})
}

// writeError keeps the text of an unexpected error from the client.
func writeError(w http.ResponseWriter, err error) {
	var p *problem
	if !errors.As(err, &p) {
		p = problemf(http.StatusInternalServerError, "The collection could not be read.")
	}
	p.write(w)
}
