package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/store"
)

// Alarm is something that a person should look at.
type Alarm struct {
	// Name is a stable word for the sort of trouble, such as "held".
	Name string `json:"name"`
	// Subject is what it is about, such as "output/edge".
	Subject string    `json:"subject"`
	Since   time.Time `json:"since,omitzero"`
	// Text says what is wrong and what to do.
	Text string `json:"text"`
}

// Same reports whether two alarms are about one trouble, whatever they say of it.
func (a Alarm) Same(b Alarm) bool { return a.Name == b.Name && a.Subject == b.Subject }

// A source that sends more rejects than this share of its objects, and more than
// this many, is worth a look.
const (
	alarmingShare   = 0.05
	alarmingRejects = 20
)

// alarms finds what a person should look at in a status.
func (i Inspector) alarms(ctx context.Context, s *Status) ([]Alarm, error) {
	holds, err := i.Store.Holds(ctx)
	if err != nil {
		return nil, err
	}
	pauses, err := i.Store.Pauses(ctx, s.Time)
	if err != nil {
		return nil, err
	}
	var all []Alarm
	for j := range s.Outputs {
		o := &s.Outputs[j]
		if hold, held := holds[i.Config.LedgerOf(&i.Config.Outputs[j])]; held {
			all = append(all, heldAlarm(o.Name, &hold))
		}
		all = append(all, outputAlarms(o)...)
		all = append(all, readerAlarms(o)...)
	}
	if s.ListsTrouble != "" {
		all = append(all, Alarm{Name: "lists-not-served", Subject: "lists", Text: "the list server is in trouble: " + s.ListsTrouble})
	}
	for j := range s.Connectors {
		if hold, held := holds[store.HeldSource(s.Connectors[j].Name)]; held {
			all = append(all, withdrawalAlarm(s.Connectors[j].Name, &hold))
		}
		all = append(all, connectorAlarms(&s.Connectors[j])...)
	}
	for _, p := range pauses {
		all = append(all, Alarm{Name: "paused", Subject: p.Subject, Since: p.Since,
			Text: fmt.Sprintf("paused by %s %s: %s", p.Who, until(p.Until), p.Reason)})
	}
	if behind := latestRun(s).Sub(s.Time); behind > time.Minute {
		all = append(all, Alarm{Name: "clock", Subject: "host",
			Text: fmt.Sprintf("the clock is %s behind a time that it has shown before: set it, and keep the host on NTP", behind.Round(time.Second))})
	}
	slices.SortStableFunc(all, func(a, b Alarm) int { return a.Since.Compare(b.Since) })
	return all, nil
}

// latestRun is the latest time at which anything ended.
func latestRun(s *Status) time.Time {
	var latest time.Time
	note := func(r *RoundStatus) {
		if r.Last != nil && r.Last.Ended.After(latest) {
			latest = r.Last.Ended
		}
	}
	for i := range s.Connectors {
		note(&s.Connectors[i].RoundStatus)
	}
	for i := range s.Outputs {
		note(&s.Outputs[i].RoundStatus)
	}
	return latest
}

func heldAlarm(output string, h *store.Hold) Alarm {
	text := fmt.Sprintf("a change is held: %s; \"indicatord plan %s\" shows it, \"indicatord approve %s --change %s\" lets it through, \"indicatord reject %s\" keeps it out",
		describeChange(h.Shown), output, output, h.Digest, output)
	if h.Decision != store.Undecided {
		text = fmt.Sprintf("a change is held, %s by %s: %s", h.Decision, h.Who, describeChange(h.Shown))
	}
	return Alarm{Name: "held", Subject: "output/" + output, Since: h.Since, Text: text}
}

// withdrawalAlarm is about what a full pull has not brought.
func withdrawalAlarm(source string, h *store.Hold) Alarm {
	var c pipeline.Change
	_ = json.Unmarshal(h.Shown, &c) // without it the numbers are 0
	text := fmt.Sprintf("the source no longer holds %d of its %d objects, and nothing was withdrawn: look at the hub; \"indicatord approve connector/%s --change %s\" withdraws exactly these, \"indicatord reject connector/%s\" keeps them",
		c.Removed, c.Held, source, h.Digest, source)
	if h.Decision != store.Undecided {
		text = fmt.Sprintf("the source no longer holds %d of its %d objects: %s by %s", c.Removed, c.Held, h.Decision, h.Who)
	}
	return Alarm{Name: "withdrawal-held", Subject: "connector/" + source, Since: h.Since, Text: text}
}

// describeChange says how much a held change is.
func describeChange(shown json.RawMessage) string {
	var c pipeline.Change
	if err := json.Unmarshal(shown, &c); err != nil {
		return "of unknown size"
	}
	return c.String()
}

func outputAlarms(o *OutputStatus) []Alarm {
	var all []Alarm
	subject := "output/" + o.Name
	if o.Last != nil && o.Last.Error != "" {
		all = append(all, Alarm{Name: "delivery-failed", Subject: subject, Since: o.Last.Ended, Text: "the last delivery failed: " + o.Last.Error})
	}
	if n := o.Trimmed(); n > 0 {
		all = append(all, Alarm{Name: "trimmed", Subject: subject, Since: o.Success.Ended,
			Text: fmt.Sprintf("%d entries are not enforced, because the tool has no room for them: \"indicatord plan %s\" lists them; narrow the selection, or raise the limit if the tool takes more", n, o.Name)})
	}
	if v := o.Verification(); v != nil && v.Drifted() && !v.Repaired {
		all = append(all, Alarm{Name: "drift", Subject: subject, Since: o.Verified.Ended,
			Text: fmt.Sprintf("the tool lacks %d entries, has %d that it should not have, and %d in another form", v.Missing, v.Extra, v.Changed)})
	}
	return all
}

func connectorAlarms(c *ConnectorStatus) []Alarm {
	var all []Alarm
	subject := "connector/" + c.Name
	if c.Last != nil && c.Last.Error != "" {
		all = append(all, Alarm{Name: "pull-failed", Subject: subject, Since: c.Last.Ended, Text: "the last pull failed: " + c.Last.Error})
	}
	if !c.Overdue.IsZero() {
		all = append(all, Alarm{Name: "overdue", Subject: subject, Since: c.Overdue, Text: "no pull has succeeded when one was due: what is enforced may be old"})
	}
	rejects := 0
	for _, n := range c.Rejects {
		rejects += n
	}
	if live := c.Objects["live"]; rejects > alarmingRejects && float64(rejects) > alarmingShare*float64(live) {
		all = append(all, Alarm{Name: "rejects", Subject: subject,
			Text: fmt.Sprintf("%d parts of %d objects could not be used: look at the counts by code, and ask the hub", rejects, live)})
	}
	return all
}
