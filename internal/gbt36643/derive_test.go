package gbt36643

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix"
	"github.com/indicatord/indicatord/internal/stix/pattern"
)

// indicatorOf reads one indicator with these members, about a domain unless they
// say otherwise.
func indicatorOf(t *testing.T, said members) *Record {
	t.Helper()
	all := members{"id": "indicator-1", "composite_indicator_expression": members{"type": "domain", "value": "bad.example.com"}}
	maps.Copy(all, said)
	file, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	reading, err := Read(file, mappings(t)[0])
	if err != nil {
		t.Fatal(err)
	}
	return &reading.Records[0]
}

// only returns the one assertion of an indicator.
func only(t *testing.T, d stix.Derived) *indicator.Assertion {
	t.Helper()
	if len(d.Assertions) != 1 {
		t.Fatalf("there are %d assertions, and the rejects %v", len(d.Assertions), d.Rejects)
	}
	return &d.Assertions[0].Assertion
}

// TestEndIsExclusive: valid_to is the first moment at which the value does not
// hold, as valid_until is in STIX.
func TestEndIsExclusive(t *testing.T) {
	a := only(t, indicatorOf(t, members{"valid_from": "2026-01-01 08:00:00", "valid_to": "2026-02-01 08:00:00"}).Derive(stix.Options{}))
	begin, end := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for at, want := range map[time.Time]bool{
		begin.Add(-time.Nanosecond): false, begin: true, end.Add(-time.Nanosecond): true, end: false,
	} {
		if a.LiveAt(at) != want {
			t.Errorf("at %v it holds: %t", at, !want)
		}
	}
	if a.End != indicator.EndHub {
		t.Errorf("the end comes from %v", a.End)
	}
}

// TestLifetimesAreTheSites: the life of an indicator does not depend on the
// format that it came in.
func TestLifetimesAreTheSites(t *testing.T) {
	opts := stix.Options{Lifetime: map[indicator.Kind]time.Duration{indicator.Domain: 24 * time.Hour}}
	for _, tt := range []struct {
		name  string
		said  members
		until string
		end   indicator.End
	}{
		{"no end", members{"timestamp": "2026-01-01T00:00:00Z"}, "2026-01-02T00:00:00Z", indicator.EndLifetime},
		{"a later end", members{"timestamp": "2026-01-01T00:00:00Z", "valid_to": "2027-01-01T00:00:00Z"}, "2026-01-02T00:00:00Z", indicator.EndCeiling},
		{"an earlier end", members{"timestamp": "2026-01-01T00:00:00Z", "valid_to": "2026-01-01T12:00:00Z"}, "2026-01-01T12:00:00Z", indicator.EndHub},
		{"a later begin", members{"timestamp": "2026-01-01T00:00:00Z", "valid_from": "2026-03-01T00:00:00Z"}, "2026-03-02T00:00:00Z", indicator.EndLifetime},
	} {
		a := only(t, indicatorOf(t, tt.said).Derive(opts))
		if got := a.ValidUntil.Format(time.RFC3339); got != tt.until || a.End != tt.end {
			t.Errorf("%s: it ends at %s for %v, want %s for %v", tt.name, got, a.End, tt.until, tt.end)
		}
	}
}

// TestVersionAndIdentity: a later record of the same id is a later version of the
// same object.
func TestVersionAndIdentity(t *testing.T) {
	r := indicatorOf(t, members{"id": " indicator-7 ", "timestamp": "2026-01-01 08:00:00", "title": "Name", "description": "Words", "producer": "provider"})
	d := r.Derive(stix.Options{})
	want := stix.Header{ID: "indicator-7", Type: "indicator", SpecVersion: "2.1", Modified: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	if diff := cmp.Diff(want, d.Header); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if h, err := stix.ReadHeader(r.Indicator); err != nil || h != want {
		t.Errorf("the header of the STIX object is %v, %v", h, err)
	}
	object := only(t, d).Object
	if object.ID != "indicator-7" || object.Name != "Name" || object.Description != "Words" || object.CreatedBy != "provider" {
		t.Errorf("the object is %+v", object)
	}
}

// TestRevokedGivesNothing: whatever else is wrong with it.
func TestRevokedGivesNothing(t *testing.T) {
	for _, said := range []members{
		{"revoked": true}, {"revoked": "是"}, {"revoked": "1"}, {"revoked": 1}, {"revoked": true, "observable": "observation-none", "timestamp": "soon"},
	} {
		d := indicatorOf(t, said).Derive(stix.Options{})
		if !d.Header.Revoked || len(d.Assertions)+len(d.Rejects) > 0 {
			t.Errorf("%v gives %v and %v", said, d.Assertions, d.Rejects)
		}
	}
}

// TestOptionsReachTheValues: what a site takes of STIX it takes of records.
func TestOptionsReachTheValues(t *testing.T) {
	typed := func(value members) members {
		value["constraint"] = "equal"
		return members{"composite_indicator_expression": nil, "observable": members{"object": members{"relationship": "or", "value": value}}}
	}
	for _, tt := range []struct {
		name string
		said members
		opts stix.Options
		code indicator.Code // without the options
		key  string         // with them
	}{
		{
			"defanged values", typed(members{"object_type": "domain", "name": "bad[.]example[.]com"}),
			stix.Options{Reduction: pattern.Reduction{Canon: indicator.Options{Refang: true}}}, indicator.CodeDefanged, "domain bad.example.com",
		},
		{
			"reserved addresses", typed(members{"object_type": "ip", "ip": "10.0.0.1"}),
			stix.Options{Reduction: pattern.Reduction{Canon: indicator.Options{AllowReserved: true}}}, indicator.CodeReservedAddress, "ip 10.0.0.1",
		},
		{
			"an address with a port", typed(members{"object_type": "ip", "ip": "5.149.248.77", "port": 443}),
			stix.Options{Reduction: pattern.Reduction{Widen: pattern.ShapeAddressAndPort}}, pattern.CodeExtraConstraint, "ip 5.149.248.77",
		},
	} {
		r := indicatorOf(t, tt.said)
		without, with := r.Derive(stix.Options{}), r.Derive(tt.opts)
		if len(without.Assertions) != 0 || len(without.Rejects) != 1 || without.Rejects[0].Code != tt.code {
			t.Errorf("%s: by default there are %v and %v", tt.name, without.Assertions, without.Rejects)
		}
		if len(with.Assertions) != 1 || with.Assertions[0].Key.String() != tt.key {
			t.Errorf("%s: with the options there are %v and %v", tt.name, with.Assertions, with.Rejects)
		}
	}
}

// TestDerivingAgainGivesTheSame: deriving changes nothing of the record.
func TestDerivingAgainGivesTheSame(t *testing.T) {
	for _, s := range samples(t) {
		reading, err := Read([]byte(s.input), s.parse(t))
		if err != nil {
			continue
		}
		for i := range reading.Records {
			first, second := reading.Records[i].Derive(stix.Options{}), reading.Records[i].Derive(stix.Options{})
			if diff := cmp.Diff(first, second); diff != "" {
				t.Errorf("%s, record %d (-first +second):\n%s", s.name, i, diff)
			}
		}
	}
}

// TestSamplesAccountForEveryIndicator counts by the text alone: each id of an
// indicator in a sample is that of a record, which gives values or rejects. What
// a whole list gives that nobody knows is one reject.
func TestSamplesAccountForEveryIndicator(t *testing.T) {
	for _, s := range samples(t) {
		reading, err := Read([]byte(s.input), s.parse(t))
		if err != nil {
			continue
		}
		var known []string
		var rejected strings.Builder
		for i := range reading.Records {
			r := &reading.Records[i]
			d := r.Derive(stix.Options{})
			if d.Header.Revoked || len(d.Assertions)+len(d.Rejects) > 0 {
				known = append(known, r.ID)
			}
			if r.Sort == "" {
				rejected.Write(r.Raw)
			}
		}
		for _, half := range strings.Split(s.input, `"id": "indicator-`)[1:] {
			name, _, _ := strings.Cut(half, `"`)
			id := "indicator-" + name
			if !slices.Contains(known, id) && !strings.Contains(rejected.String(), fmt.Sprintf("%q", id)) {
				t.Errorf("%s: %s gives neither a value nor a reject", s.name, id)
			}
		}
	}
}
