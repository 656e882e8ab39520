package hubtest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
)

// Sessions makes next stateful, as the reference server medallion has it: one
// token serves a whole pull, and each request with it gives the following page.
// A client that repeats a request whose answer was lost skips a page.
func Sessions() Fault {
	s := &sessions{next: make(map[string]string)}
	return func(hub http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(hub, w, r) })
	}
}

type sessions struct {
	mu   sync.Mutex
	next map[string]string // the hub's own token, by the session's
}

func (s *sessions) serve(hub http.Handler, w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	query := r.URL.Query()
	session := query.Get("next")
	if session == "" {
		session = "session-" + strconv.Itoa(len(s.next)+1)
	} else {
		query.Set("next", s.next[session])
	}
	clone := r.Clone(r.Context())
	clone.URL.RawQuery = query.Encode()
	rewriteEnvelope(func(envelope map[string]json.RawMessage) {
		s.next[session] = "spent"
		if next, ok := envelope["next"]; ok {
			var own string
			_ = json.Unmarshal(next, &own)
			s.next[session] = own
			envelope["next"], _ = json.Marshal(session)
		}
	})(hub).ServeHTTP(w, clone)
}
