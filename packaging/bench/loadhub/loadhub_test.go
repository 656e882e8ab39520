package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/taxiihub"
)

// object is what a client sees of a generated indicator.
type object struct {
	ID, Modified, Pattern string
	ValidUntil            string `json:"valid_until"`
}

// pull reads a collection to its end, as a client does.
func pull(t *testing.T, d dataset, q taxiihub.Query) []object {
	t.Helper()
	var all []object
	for {
		s, err := holdings{d}.Select(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range s.Records {
			var o object
			if err := json.Unmarshal(r.Object, &o); err != nil {
				t.Fatalf("%v in %s", err, r.Object)
			}
			if o.ID != r.ID || o.Modified != r.VersionText {
				t.Fatalf("the record of %s says %s, %s", o.ID, r.ID, r.VersionText)
			}
			all = append(all, o)
		}
		if !s.More {
			return all
		}
		q.After = s.Records[len(s.Records)-1].Position
	}
}

func byID(objects []object) map[string]object {
	m := map[string]object{}
	for _, o := range objects {
		m[o.ID] = o
	}
	return m
}

func TestFirstGeneration(t *testing.T) {
	d := dataset{size: 1000, generation: 1, churn: 0.01}
	for _, limit := range []int{1, 7, 1000, 5000} {
		all := pull(t, d, taxiihub.Query{Limit: limit})
		if len(all) != 1000 || len(byID(all)) != 1000 {
			t.Errorf("limit %d: %d objects, %d ids", limit, len(all), len(byID(all)))
		}
	}
}

func TestSecondGenerationChangesAShare(t *testing.T) {
	first := dataset{size: 1000, generation: 1, churn: 0.01}
	second := dataset{size: 1000, generation: 2, churn: 0.01}
	before, after := byID(pull(t, first, taxiihub.Query{Limit: 64})), byID(pull(t, second, taxiihub.Query{Limit: 64}))
	changed, values := 0, 0
	for id, old := range before {
		now, ok := after[id]
		if !ok {
			t.Fatalf("%s is gone", id)
		}
		if now.Modified > old.Modified {
			changed++
		}
		if now.Pattern != old.Pattern {
			values++
		}
	}
	if len(after) != 1000 || changed != 10 || values != 10 {
		t.Errorf("%d objects, %d newer, %d with another value: want 1000, 10, 10", len(after), changed, values)
	}
}

func TestIncrementalPullBringsTheChangesAlone(t *testing.T) {
	first := dataset{size: 1000, generation: 1, churn: 0.05}
	second := dataset{size: 1000, generation: 2, churn: 0.05}
	tests := []struct {
		name string
		d    dataset
		last uint64 // position whose date is the cursor
		want int
	}{
		{"nothing new in the first generation", first, 1000, 0},
		{"from the middle of the first", first, 400, 600},
		{"the second, from the end of the first", second, 1000, 50},
		{"the second, from its own middle", second, 1010, 40},
		{"nothing new in the second", second, 1050, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := taxiihub.Query{AddedAfter: test.d.added(test.last), Limit: 100}
			if got := len(pull(t, test.d, q)); got != test.want {
				t.Errorf("got %d objects, want %d", got, test.want)
			}
		})
	}
}

func TestOtherFilters(t *testing.T) {
	d := dataset{size: 100, generation: 1, churn: 0.01}
	for name, test := range map[string]struct {
		q    taxiihub.Query
		want int
	}{
		"indicators":  {taxiihub.Query{Types: []string{"malware", "indicator"}, Limit: 9}, 100},
		"other types": {taxiihub.Query{Types: []string{"malware"}, Limit: 9}, 0},
		"by id":       {taxiihub.Query{IDs: []string{"indicator--a"}, Limit: 9}, 0},
	} {
		if got := len(pull(t, d, test.q)); got != test.want {
			t.Errorf("%s: %d objects, want %d", name, got, test.want)
		}
	}
}

// TestMixIsThatOfTheMeasurements holds the shares of kinds and repeats, the
// size, and that every value is canonical, so that none becomes a reject.
func TestMixIsThatOfTheMeasurements(t *testing.T) {
	const size = 100_000
	kinds, values, bytes := map[indicator.Kind]int{}, map[string]bool{}, 0
	for n := range uint64(size) {
		text := appendObject(nil, version{number: n}, size)
		bytes += len(text)
		pattern := string(appendPattern(nil, source(version{number: n}, size)))
		kind, value := split(t, pattern)
		if c, err := indicator.Canon(kind, value); err != nil || c.Key.Value != value {
			t.Fatalf("%s is not canonical: %v, %v", pattern, c.Key, err)
		}
		kinds[kind]++
		values[value] = true
	}
	within := func(what string, got, low, high int) {
		if got < low || got > high {
			t.Errorf("%s: %d, want %d to %d", what, got, low, high)
		}
	}
	within("bytes in an object", bytes/size, 696, 736)
	within("addresses", kinds[indicator.IP], 59_000, 61_000)
	within("domains", kinds[indicator.Domain], 19_000, 21_000)
	within("URLs", kinds[indicator.URL], 9_500, 10_500)
	within("hashes", kinds[indicator.SHA256], 9_500, 10_500)
	within("different values", len(values), 93_000, 96_000)
}

func split(t *testing.T, pattern string) (indicator.Kind, string) {
	t.Helper()
	path, rest, ok := strings.Cut(strings.TrimPrefix(pattern, "["), " = '")
	kinds := map[string]indicator.Kind{
		"ipv4-addr:value": indicator.IP, "domain-name:value": indicator.Domain,
		"url:value": indicator.URL, "file:hashes.'SHA-256'": indicator.SHA256,
	}
	if _, known := kinds[path]; !ok || !known {
		t.Fatalf("pattern %s", pattern)
	}
	return kinds[path], strings.TrimSuffix(rest, "']")
}

func TestOptions(t *testing.T) {
	for _, args := range []string{
		"-n 0", "-n 5000000000", "-generation 3", "-churn 0", "-churn 1.5", "-churn NaN", "-colour red",
	} {
		if _, err := parse(strings.Fields(args)); err == nil {
			t.Errorf("%s is accepted", args)
		}
	}
	o, err := parse([]string{"-n", "5", "-generation", "2", "-churn", "1"})
	if err != nil || o.size != 5 || o.changed() != 5 {
		t.Errorf("got %+v, %v", o, err)
	}
}

func TestServeUntilInputEnds(t *testing.T) {
	defer goleak.VerifyNone(t)
	input, parent := io.Pipe()
	output, out := io.Pipe()
	o := options{dataset: dataset{size: 25, generation: 1, churn: 0.01}, page: 10, listen: "127.0.0.1:0"}
	ended := make(chan error, 1)
	go func() { ended <- serve(untilEnd(context.Background(), input), o, out) }()
	ready, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var url string
	if _, err := fmt.Sscanf(ready, "READY %s", &url); err != nil {
		t.Fatalf("%v in %q", err, ready)
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"collections/load/objects/?limit=3", nil)
	r.Header.Set("Accept", taxiihub.MediaTypeTAXII)
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var page struct {
		More    bool
		Objects []object
	}
	if err := json.NewDecoder(response.Body).Decode(&page); err != nil || !page.More || len(page.Objects) != 3 {
		t.Errorf("got %+v, %v", page, err)
	}
	if err := parent.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("serve returned %v", err)
	}
}

func BenchmarkPage(b *testing.B) {
	h := holdings{dataset{size: 1_000_000, generation: 1, churn: 0.01}}
	const page = 10_000
	objects := 0
	for b.Loop() {
		s, err := h.Select(b.Context(), taxiihub.Query{After: uint64(objects) % 900_000, Limit: page})
		if err != nil {
			b.Fatal(err)
		}
		objects += len(s.Records)
	}
	b.ReportMetric(float64(objects)/b.Elapsed().Seconds(), "objects/s")
}
