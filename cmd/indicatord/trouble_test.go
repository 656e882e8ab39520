package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/taxiihub/hubtest"
)

// TestTroubleAtTheHubTouchesNothing lets the hub misbehave in every way, before
// anything new of it is stored. What is enforced stays, one line tells of the
// trouble, and the next round brings what is new.
func TestTroubleAtTheHubTouchesNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		fault hubtest.Fault
		want  string
	}{
		"unknown":            {hubtest.Status(401), "401"},
		"refused":            {hubtest.Status(403), "403"},
		"gone":               {hubtest.Status(404), "404"},
		"not acceptable":     {hubtest.Status(406), "406"},
		"too many requests":  {hubtest.TooManyRequests("3600"), "429"},
		"out of order":       {hubtest.Status(500), "500"},
		"down":               {hubtest.Status(503), "503"},
		"slow":               {hubtest.Slow(time.Minute), "2s"},
		"another media type": {hubtest.ContentType("application/xml"), "not JSON"},
		"HTML":               {hubtest.HTML(200), "HTML"},
		"half a page":        {hubtest.HalfPage(), "envelope"},
		"cut":                {hubtest.CutMidPage(), "broke off"},
		"lost":               {hubtest.LoseAnswer(), "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			c := l.load()
			l.put(addressObject(0, 0, ""), addressObject(1, 0, ""))
			if err := l.once(c); err != nil {
				t.Fatal(err)
			}
			l.put(addressObject(2, 0, ""), addressObject(0, 1, `,"revoked":true`))
			l.faults.Always(tt.fault)
			err := l.once(c)
			if err == nil {
				t.Fatalf("the round did not fail; log:\n%s", &l.log)
			}
			for _, want := range []string{"connector hub: ", tt.want, l.url + "/api/collections/"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q: %v", want, err)
				}
			}
			if strings.Contains(err.Error(), "\n") || strings.Count(l.log.String(), "pull failed") != 1 {
				t.Errorf("the trouble is not told in one line: %v\n%s", err, &l.log)
			}
			if got := l.read("list.txt"); got != addresses(2) {
				t.Errorf("the list is now %q", got)
			}
			l.inspect(c, func(i admin.Inspector) {
				status, err := i.Status(t.Context())
				if err != nil || status.Connectors[0].Objects["live"] != 2 || status.Connectors[0].Last.Error == "" {
					t.Errorf("the status is %+v (%v), want the two objects and the error", status.Connectors[0], err)
				}
			})
			l.faults.Always(nil)
			if err := l.once(c); err != nil {
				t.Fatalf("the next round: %v", err)
			}
			if got, want := l.read("list.txt"), addressOf(1)+"\n"+addressOf(2)+"\n"; got != want {
				t.Errorf("the list is %q in the end, want %q", got, want)
			}
		})
	}
}

// TestTroubleInTheMiddleOfAPullLosesNothing lets the third page go wrong. What
// came before it is stored and delivered; the next round brings the rest.
func TestTroubleInTheMiddleOfAPullLosesNothing(t *testing.T) {
	for name, faults := range map[string][]hubtest.Fault{
		"out of order":   {nil, nil, hubtest.Status(500)},
		"half a page":    {nil, nil, hubtest.HalfPage()},
		"lost":           {nil, nil, hubtest.LoseAnswer()},
		"next forgotten": {nil, nil, hubtest.ForgetNext(400), hubtest.ForgetNext(400), hubtest.ForgetNext(400)},
		"the same again": {nil, hubtest.MoreForEver(), hubtest.MoreForEver(), hubtest.MoreForEver(), hubtest.MoreForEver(), hubtest.MoreForEver()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			c := l.load()
			for n := range 12 {
				l.put(addressObject(n, 0, ""))
			}
			l.faults.Next(faults...)
			for range 2 {
				_ = l.once(c)
			}
			if err := l.once(c); err != nil {
				t.Fatalf("the last round: %v", err)
			}
			if got := l.read("list.txt"); got != addresses(12) {
				t.Errorf("the list is %q; log:\n%s", got, &l.log)
			}
		})
	}
}

func TestPagesWithoutAnEndAreAnError(t *testing.T) {
	l := newLine(t)
	c := l.load()
	l.put(addressObject(0, 0, ""), addressObject(1, 0, ""))
	l.faults.Always(hubtest.MoreForEver())
	err := l.once(c)
	if err == nil || !strings.Contains(err.Error(), "again and again") || !strings.Contains(err.Error(), l.url+"/api/collections/") {
		t.Errorf("the round ended with %v", err)
	}
	if got := l.read("list.txt"); got != addresses(2) {
		t.Errorf("the list is %q, want what the pages held", got)
	}
}

func TestABrokenObjectIsARejectAndThePageGoesOn(t *testing.T) {
	l := newLine(t)
	c := l.load()
	good, _ := json.Marshal(addressObject(0, 0, ""))
	l.faults.Always(hubtest.Objects(`{"type":"indicator","id":5}, 7, null, ` + string(good) + `, {"type":"indicator"},
		{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000099","pattern_type":"stix","pattern":"[ipv4-addr:value = ","created":"2024-01-01T00:00:00Z","modified":"2024-01-01T00:00:00Z","valid_from":"2024-01-01T00:00:00Z"}`))
	if err := l.once(c); err != nil {
		t.Fatal(err)
	}
	if got := l.read("list.txt"); got != addresses(1) {
		t.Errorf("the list is %q", got)
	}
	l.inspect(c, func(i admin.Inspector) {
		rejects, err := i.Store.Rejects(t.Context(), "hub", 100)
		if err != nil || len(rejects) != 5 {
			t.Errorf("the rejects are %+v (%v), want five", rejects, err)
		}
	})
}

func TestAHubThatIsDownIsTold(t *testing.T) {
	l := newLine(t)
	l.put(addressObject(0, 0, ""))
	if err := l.once(l.load()); err != nil {
		t.Fatal(err)
	}
	l.url = "http://127.0.0.1:1"
	err := l.once(l.load())
	if err == nil || !strings.Contains(err.Error(), "http://127.0.0.1:1/taxii2/") || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("the round ended with %v", err)
	}
	if got := l.read("list.txt"); got != addresses(1) {
		t.Errorf("the list is now %q", got)
	}
}
