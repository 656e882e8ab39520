package syslog

import (
	"errors"
	"iter"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// viewOf is a delivery of a refresh.
func viewOf(at time.Time, entries ...indicator.Entry) outputs.Delivery {
	d := outputtest.NewDelivery(entries, nil)
	d.Now = at
	return d
}

func refreshOf(t *testing.T, o outputs.Output, d outputs.Delivery) outputs.Receipt {
	t.Helper()
	receipt, err := o.(outputs.Refresher).Refresh(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

// A reader that has all the numbers up to the total has the whole list.
func TestRefreshNumbersTheWholeView(t *testing.T) {
	r := newReceiver(t)
	entries := outputtest.Entries(1, 300)
	receipt := refreshOf(t, open(t, r.address(), nil), viewOf(now, entries...))
	events := r.received()
	if receipt.Written != 302 || len(events) != 302 {
		t.Fatalf("receipt %+v, %d events, want 300 and two around them", receipt, len(events))
	}
	begin, end := events[0], events[301]
	if begin.value("action") != "refresh-begin" || begin.TypeID != "refresh-begin" || end.value("action") != "refresh-end" {
		t.Errorf("around the entries stand %v and %v", begin, end)
	}
	ids := map[string]bool{}
	wanted := map[string]bool{}
	for _, e := range entries {
		wanted[e.Key.String()] = true
	}
	for i, e := range events {
		ids[e.value("id")] = true
		if e.value("refresh") != begin.value("refresh") || e.value("refresh") == "" || e.value("total") != "300" {
			t.Fatalf("event %d: %v", i, e.Params)
		}
		if i == 0 || i == 301 {
			continue
		}
		if e.value("number") != strconv.Itoa(i) || e.value("action") != "present" || e.TypeID != "indicator-present" || e.value("name") == "" {
			t.Fatalf("event %d: %v", i, e.Params)
		}
		delete(wanted, e.key(t).String())
	}
	if len(ids) != 302 || len(wanted) != 0 {
		t.Errorf("%d different ids, and without an event are %v", len(ids), wanted)
	}
}

func TestEachRefreshHasAnIDOfItsOwn(t *testing.T) {
	r := newReceiver(t)
	o := open(t, r.address(), nil)
	e := outputtest.NewEntry(indicator.IP, "192.0.2.7")
	refreshOf(t, o, viewOf(now, e))
	refreshOf(t, o, viewOf(now.Add(time.Second), e))
	events := r.received()
	for i := range 3 {
		if events[i].value("id") == events[i+3].value("id") || events[i].value("refresh") == events[i+3].value("refresh") {
			t.Errorf("two refreshes have an id in common: %v and %v", events[i].Params, events[i+3].Params)
		}
	}
}

func TestRefreshOfAnEmptyViewSaysSo(t *testing.T) {
	r := newReceiver(t)
	refreshOf(t, open(t, r.address(), nil), viewOf(now))
	events := r.received()
	if len(events) != 2 || events[1].value("total") != "0" {
		t.Errorf("events = %v", events)
	}
}

// The end says how many were sent: an entry that cannot be said is not one.
func TestTheEndOfARefreshCountsWhatWasSent(t *testing.T) {
	r := newReceiver(t)
	o := open(t, r.address(), func(s *Settings) { s.Payload = SD })
	long := outputtest.NewEntry(indicator.URL, "http://a.example/"+strings.Repeat("a", 9000))
	receipt := refreshOf(t, o, viewOf(now, long, outputtest.NewEntry(indicator.URL, "http://b.example/"), outputtest.NewEntry(indicator.IP, "192.0.2.7")))
	events := r.received()
	if len(events) != 4 || receipt.Skipped[tooLong] != 1 {
		t.Fatalf("%d events, receipt %+v", len(events), receipt)
	}
	if events[0].value("total") != "3" || events[2].value("number") != "2" || events[3].value("total") != "2" {
		t.Errorf("events = %v", events)
	}
}

// Without an end, a reader knows that the list is not whole.
func TestARefreshThatFailsHasNoEnd(t *testing.T) {
	r := newReceiver(t)
	broken := errors.New("the store is away")
	for _, brokenAt := range []outputs.Detail{outputs.KeysOnly, outputs.InFull} {
		d := viewOf(now)
		d.All = func(detail outputs.Detail) iter.Seq2[indicator.Entry, error] {
			if detail == brokenAt {
				return outputtest.Sequence(outputtest.Entries(1, 2), broken)
			}
			return outputtest.Sequence(outputtest.Entries(1, 2), nil)
		}
		if _, err := open(t, r.address(), nil).(outputs.Refresher).Refresh(t.Context(), d); !errors.Is(err, broken) {
			t.Errorf("err = %v, want %v", err, broken)
		}
	}
	for _, e := range r.received() {
		if e.value("action") == "refresh-end" {
			t.Error("the refresh has an end")
		}
	}
}

func TestAnnounce(t *testing.T) {
	r := newReceiver(t)
	o := open(t, r.address(), nil).(outputs.Announcer)
	heartbeat := outputs.Notice{At: now, News: outputs.Heartbeat, Stand: outputs.Stand{Delivered: 12, LastDelivery: now, Alarms: 1, Version: "1.2.0"}}
	alarm := outputs.Notice{At: now, News: outputs.AlarmRaised, Alarm: outputs.Alarm{Name: "held", Subject: "output/edge", Since: now, Text: "held: \"x\"\n<0>"}}
	for _, n := range []outputs.Notice{heartbeat, alarm} {
		if err := o.Announce(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	events := r.received()
	if len(events) != 2 {
		t.Fatalf("%d events", len(events))
	}
	for name, want := range map[string]string{"action": "heartbeat", "delivered": "12", "last_delivery": "2026-03-14T07:09:26Z", "alarms": "1", "version": "1.2.0", "output": "siem", "site": "plant-07"} {
		if got := events[0].value(name); got != want {
			t.Errorf("heartbeat: %s = %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"action": "alarm-raised", "alarm": "held", "subject": "output/edge", "since": "2026-03-14T07:09:26Z", "text": "held: \"x\"\uFFFD<0>"} {
		if got := events[1].value(name); got != want {
			t.Errorf("alarm: %s = %q, want %q", name, got, want)
		}
	}
	if events[0].TypeID != "heartbeat" || events[1].TypeID != "alarm-raised" || events[0].value("id") == events[1].value("id") {
		t.Errorf("events = %v", events)
	}
}

func TestAnnounceFailsWithTheReceiver(t *testing.T) {
	r := newReceiver(t)
	o := open(t, r.address(), nil).(outputs.Announcer)
	r.stop()
	if err := o.Announce(t.Context(), outputs.Notice{At: now, News: outputs.Heartbeat}); err == nil || !strings.Contains(err.Error(), r.address()) {
		t.Errorf("err = %v, want one with the address", err)
	}
}
