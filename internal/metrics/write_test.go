package metrics

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/store"
)

var noon = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)

func status() admin.Status {
	good := &store.Run{Started: noon.Add(-2 * time.Second), Ended: noon}
	bad := &store.Run{Started: noon, Ended: noon.Add(time.Second), Error: "the hub is away"}
	return admin.Status{
		Site: `plant "7"`, Version: "1.2", Daemon: &admin.DaemonStatus{Started: noon.Add(-time.Hour)},
		Entries: map[string]int{"ip": 3, "domain": 2},
		Alarms:  []admin.Alarm{{Name: "held", Subject: "output/edge"}},
		Connectors: []admin.ConnectorStatus{{
			RoundStatus: admin.RoundStatus{Name: "hub", Last: bad, Success: good}, Overdue: noon, LastComplete: noon,
			Objects: map[string]int{"live": 5}, Rejects: map[string]int{"like": 1},
		}},
		Outputs: []admin.OutputStatus{
			{RoundStatus: admin.RoundStatus{Name: "edge", Last: good, Success: good}, Held: map[string]int{"ip": 3}, Behind: 4,
				Readers:  []admin.ReaderStatus{{Device: "firewall", Fetched: noon, Current: true}, {Device: "proxy", Stale: noon}},
				Verified: &store.Run{Ended: noon, Counts: []byte(`{"wanted":3,"verified":2,"missing":1}`)}},
			{RoundStatus: admin.RoundStatus{Name: "new"}},
		},
	}
}

// TestWrite shows every metric once.
func TestWrite(t *testing.T) {
	s := status()
	var text strings.Builder
	Write(&text, &s)
	ours, process, _ := strings.Cut(text.String(), "go_")
	want := `indicatord_info{site="plant \"7\"",version="1.2"} 1
indicatord_start_timestamp_seconds 1.7803116e+09
indicatord_alarm{alarm="held",subject="output/edge"} 1
indicatord_entries{kind="domain"} 2
indicatord_entries{kind="ip"} 3
indicatord_pull_failed{connector="hub"} 1
indicatord_pull_duration_seconds{connector="hub"} 1
indicatord_pull_success_timestamp_seconds{connector="hub"} 1.7803152e+09
indicatord_pull_overdue{connector="hub"} 1
indicatord_full_pull_success_timestamp_seconds{connector="hub"} 1.7803152e+09
indicatord_objects{connector="hub",state="live"} 5
indicatord_rejects{connector="hub",code="like"} 1
indicatord_delivery_failed{output="edge"} 0
indicatord_delivery_duration_seconds{output="edge"} 2
indicatord_delivery_success_timestamp_seconds{output="edge"} 1.7803152e+09
indicatord_delivery_behind{output="edge"} 4
indicatord_held_entries{output="edge",kind="ip"} 3
indicatord_reader_fetch_timestamp_seconds{output="edge",device="firewall"} 1.7803152e+09
indicatord_reader_behind{output="edge",device="firewall"} 0
indicatord_reader_stale{output="edge",device="firewall"} 0
indicatord_reader_fetch_timestamp_seconds{output="edge",device="proxy"} 0
indicatord_reader_behind{output="edge",device="proxy"} 1
indicatord_reader_stale{output="edge",device="proxy"} 1
indicatord_verified_entries{output="edge"} 2
indicatord_drifted_entries{output="edge"} 1
indicatord_verification_timestamp_seconds{output="edge"} 1.7803152e+09
indicatord_delivery_behind{output="new"} 0
`
	if diff := cmp.Diff(want, ours); diff != "" || process == "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func scrape(t *testing.T, s *Server, path string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Addr().String()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestListen(t *testing.T) {
	var failure error
	s, err := Listen(t.Context(), "127.0.0.1:0", func(context.Context) (admin.Status, error) { return status(), failure })
	if err != nil {
		t.Fatal(err)
	}
	if code, body := scrape(t, s, "/metrics"); code != http.StatusOK || !strings.Contains(body, `indicatord_held_entries{output="edge",kind="ip"} 3`) {
		t.Errorf("%d %s", code, body)
	}
	if code, _ := scrape(t, s, "/"); code != http.StatusNotFound {
		t.Errorf("another path answers %d", code)
	}
	failure = errors.New("the store is away")
	if code, body := scrape(t, s, "/metrics"); code != http.StatusInternalServerError || strings.Contains(body, "indicatord_") {
		t.Errorf("without a status: %d %s", code, body)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Listen(t.Context(), "nowhere", nil); err == nil {
		t.Error("an address that is none was opened")
	}
}
