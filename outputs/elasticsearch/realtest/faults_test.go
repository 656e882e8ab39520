package realtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// answered is what a client sees of a request.
type answered struct {
	status  int
	body    string
	product string
	err     bool
}

func ask(t *testing.T, method, address string) answered {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true // so that the client does not try again by itself
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return answered{err: true}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return answered{res.StatusCode, string(body), res.Header.Get("X-Elastic-Product"), err != nil}
}

func TestFaults(t *testing.T) {
	var served atomic.Int64
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		served.Add(1)
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		_, _ = io.WriteString(w, `{"took":1}`)
	}))
	t.Cleanup(node.Close)
	p := NewProxy(t, node.URL, nil)
	whole := answered{200, `{"took":1}`, "Elasticsearch", false}
	busy := answered{429, `{"status":429}`, "Elasticsearch", false}
	for _, tt := range []struct {
		name   string
		fault  Fault
		want   []answered // of as many POST to /logs/_bulk
		served int64
	}{
		{"an answer in the node's place", Answer(429, `{"status":429}`), []answered{busy, busy}, 0},
		{"only once", Times(1, Answer(429, `{"status":429}`)), []answered{busy, whole}, 1},
		{"on this path", On("POST /logs/_bulk", Answer(429, `{"status":429}`)), []answered{busy}, 0},
		{"on another path", On("/_search", Answer(429, `{"status":429}`)), []answered{whole}, 1},
		{"a cut body", Cut(4), []answered{{200, `{"to`, "Elasticsearch", true}}, 1},
		{"a lost answer", Cut(0), []answered{{err: true}}, 1},
		{"a lost request", Refuse(), []answered{{err: true}}, 0},
		{"a slow answer", Delay(time.Millisecond), []answered{whole}, 1},
		{"a missing header", Without("X-Elastic-Product"), []answered{{200, `{"took":1}`, "", false}}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			served.Store(0)
			p.Spoil(tt.fault)
			for i, want := range tt.want {
				if got := ask(t, http.MethodPost, p.URL+"/logs/_bulk"); got != want {
					t.Errorf("request %d: %+v, want %+v", i+1, got, want)
				}
			}
			if got := served.Load(); got != tt.served {
				t.Errorf("the node served %d requests, want %d", got, tt.served)
			}
			p.Mend()
			if got := ask(t, http.MethodGet, p.URL); got != whole {
				t.Errorf("after the fault: %+v", got)
			}
		})
	}
	if got := p.Requests(); !slices.Equal(got[:2], []string{"POST /logs/_bulk", "POST /logs/_bulk"}) {
		t.Errorf("Requests = %q", got)
	}
}
