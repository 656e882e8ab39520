package admin

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
)

// Inspector answers questions about a state and its configuration. It may be
// used by any number of goroutines.
type Inspector struct {
	Config  *config.Config
	Store   *store.Store
	Version string
	Now     func() time.Time
	// Started is when the daemon started; zero where none runs.
	Started time.Time
	// Live tells what a connector or output does at this moment; nil where no
	// daemon runs.
	Live func(kind store.RunKind, name string) Live
	// Protection knows what must not be blocked; nil protects nothing.
	Protection *Protection
	// ListsTrouble tells why lists are not served, "" where they are; nil where no
	// daemon runs.
	ListsTrouble func() string
}

// Live is what a connector or output does at this moment.
type Live struct {
	// Since is when the round that is running began, zero where none is.
	Since time.Time
	// Next is when the next round begins of its own accord, zero for never.
	Next time.Time
	// Standby is the agent that does the work in our place, "" for none.
	Standby string
}

// Status is the state of an agent at one time.
type Status struct {
	Site    string    `json:"site"`
	Version string    `json:"version"`
	State   string    `json:"state"`
	Time    time.Time `json:"time"`
	// Daemon is nil where no daemon runs: the store alone has answered.
	Daemon     *DaemonStatus     `json:"daemon,omitempty"`
	Alarms     []Alarm           `json:"alarms"`  // what a person should look at, oldest first
	Entries    map[string]int    `json:"entries"` // by kind, of which something live is asserted
	Connectors []ConnectorStatus `json:"connectors"`
	Outputs    []OutputStatus    `json:"outputs"`
	// ListsTrouble says why the list server does not answer, "" where it does or
	// none is configured.
	ListsTrouble string `json:"lists_trouble,omitempty"`
}

// DaemonStatus is what only a running daemon knows of itself.
type DaemonStatus struct {
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
}

// RoundStatus is how the rounds of a connector or an output go.
type RoundStatus struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Schedule string `json:"schedule"`
	// RunningSince and Next come from a running daemon.
	RunningSince time.Time `json:"running_since,omitzero"`
	Next         time.Time `json:"next,omitzero"`
	// Standby is the agent on the same store that does the work in place of the
	// one that answers, such as "fw-2 pid 4711"; "" where none does.
	Standby string `json:"standby,omitempty"`
	// Last is the newest run that ended, Success the newest that ended well.
	Last    *store.Run `json:"last,omitempty"`
	Success *store.Run `json:"success,omitempty"`
}

// ConnectorStatus is the state of one connector.
type ConnectorStatus struct {
	RoundStatus
	// Overdue is the time at which the next success was due by the schedule,
	// zero while none is missing.
	Overdue      time.Time      `json:"overdue_since,omitzero"`
	LastComplete time.Time      `json:"last_complete,omitzero"` // the last full pull
	Objects      map[string]int `json:"objects"`                // by state
	Rejects      map[string]int `json:"rejects"`                // by code
}

// OutputStatus is the state of one output.
type OutputStatus struct {
	RoundStatus
	// Held is what the tool has accepted, by kind, without the kinds that it has
	// no place for.
	Held map[string]int `json:"held"`
	// Delivered is when the output last had everything.
	Delivered time.Time `json:"delivered,omitzero"`
	// Verified is the newest look at what the tool really holds, nil for none.
	Verified *store.Run `json:"verified,omitempty"`
	// Behind is how many changes the output has not been brought up to.
	Behind uint64 `json:"behind"`
	// Readers are the devices that fetch the list of the output, where it is served.
	Readers []ReaderStatus `json:"readers,omitempty"`
}

// Verification is what the newest look at the tool has found, nil where there was
// none or it failed.
func (o *OutputStatus) Verification() *pipeline.Verification {
	if o.Verified == nil || o.Verified.Error != "" {
		return nil
	}
	var v pipeline.Verification
	if json.Unmarshal(o.Verified.Counts, &v) != nil {
		return nil
	}
	return &v
}

// Trimmed is how many entries the last delivery left out because the tool has no
// room for them.
func (o *OutputStatus) Trimmed() int {
	var counts pipeline.DeliveryCounts
	if o.Success == nil || json.Unmarshal(o.Success.Counts, &counts) != nil {
		return 0
	}
	return counts.Trimmed
}

// Status collects the state of everything in the configuration.
func (i Inspector) Status(ctx context.Context) (Status, error) {
	s := Status{Site: i.Config.Site, Version: i.Version, State: i.Config.State, Time: i.Now()}
	var err error
	if s.Entries, err = i.Store.CountEntries(ctx); err != nil {
		return s, err
	}
	counts, err := i.Store.CountSources(ctx)
	if err != nil {
		return s, err
	}
	if err := i.look(ctx, &s, counts); err != nil {
		return s, err
	}
	for j := range i.Config.Outputs {
		if s.Outputs[j].Held, err = i.held(ctx, &i.Config.Outputs[j]); err != nil {
			return s, err
		}
	}
	s.Alarms, err = i.alarms(ctx, &s)
	return s, err
}

// Alarms returns what a person should look at, as [Inspector.Status] does, for
// somebody who asks often: nothing that is stored is counted for it. The counts
// are those of a [store.Store.CountSources] of some time ago.
func (i Inspector) Alarms(ctx context.Context, counts map[string]store.SourceCounts) ([]Alarm, error) {
	s := Status{Time: i.Now()}
	if err := i.look(ctx, &s, counts); err != nil {
		return nil, err
	}
	return i.alarms(ctx, &s)
}

// look fills in how the rounds of everything go.
func (i Inspector) look(ctx context.Context, s *Status, counts map[string]store.SourceCounts) error {
	if i.ListsTrouble != nil {
		s.ListsTrouble = i.ListsTrouble()
	}
	fetches, err := i.fetches()
	if err != nil { // it costs only what it is about
		s.ListsTrouble = strings.TrimPrefix(s.ListsTrouble+"; who fetched what is not known: "+err.Error(), "; ")
	}
	for _, c := range i.Config.Connectors {
		status, err := i.connector(ctx, &c, counts[c.Name])
		if err != nil {
			return err
		}
		s.Connectors = append(s.Connectors, status)
	}
	newest, err := i.Store.Sequence(ctx)
	if err != nil {
		return err
	}
	for _, o := range i.Config.Outputs {
		status, err := i.output(ctx, &o, newest)
		if err != nil {
			return err
		}
		status.Readers = i.readers(&o, fetches)
		s.Outputs = append(s.Outputs, status)
	}
	return nil
}

func (i Inspector) connector(ctx context.Context, c *config.Connector, counts store.SourceCounts) (ConnectorStatus, error) {
	rounds, err := i.rounds(ctx, store.Pull, c.Name, c.Name)
	if err != nil {
		return ConnectorStatus{}, err
	}
	rounds.Type, rounds.Schedule = c.Type, c.Schedule.String()
	complete, err := i.Store.LastComplete(ctx, c.Name)
	return ConnectorStatus{
		RoundStatus: rounds, Overdue: i.overdue(c, &rounds), LastComplete: complete,
		Objects: counts.Objects, Rejects: counts.Rejects,
	}, err
}

// overdueAfter is how late a pull may be, beside its jitter, before that is news.
const overdueAfter = time.Minute

func (i Inspector) overdue(c *config.Connector, r *RoundStatus) time.Time {
	if r.Success == nil || !r.RunningSince.IsZero() {
		return time.Time{}
	}
	due := c.Schedule.Next(r.Success.Ended)
	if due.IsZero() || i.Now().Sub(due) <= c.Jitter+overdueAfter {
		return time.Time{}
	}
	return due
}

func (i Inspector) output(ctx context.Context, o *config.Output, newest uint64) (OutputStatus, error) {
	ledger := i.Config.LedgerOf(o)
	rounds, err := i.rounds(ctx, store.Delivery, o.Name, ledger)
	if err != nil {
		return OutputStatus{}, err
	}
	rounds.Type, rounds.Schedule = o.Type, o.Schedule.String()
	verified, _, err := i.Store.LastRuns(ctx, store.Verifying, ledger)
	if err != nil {
		return OutputStatus{}, err
	}
	progress, err := i.Store.Progress(ctx, ledger)
	return OutputStatus{RoundStatus: rounds, Verified: verified, Delivered: progress.Delivered, Behind: newest - min(newest, progress.Sequence)}, err
}

// held counts what the tool of an output has accepted.
func (i Inspector) held(ctx context.Context, o *config.Output) (map[string]int, error) {
	held, err := i.Store.CountHeld(ctx, i.Config.LedgerOf(o))
	if err != nil {
		return nil, err
	}
	withoutUnsayable(o.Settings, held)
	return held, nil
}

// withoutUnsayable takes the kinds out that the tool has no place for.
func withoutUnsayable(settings outputs.Settings, held store.Held) {
	narrow, ok := settings.(outputs.Narrow)
	if !ok {
		return
	}
	kinds := narrow.Kinds()
	maps.DeleteFunc(held, func(name string, _ int) bool {
		kind, err := indicator.ParseKind(name)
		return err == nil && !slices.Contains(kinds, kind)
	})
}

// rounds tells how the rounds of a name go, which the store knows as stored.
func (i Inspector) rounds(ctx context.Context, kind store.RunKind, name, stored string) (RoundStatus, error) {
	r := RoundStatus{Name: name}
	var err error
	if r.Last, r.Success, err = i.Store.LastRuns(ctx, kind, stored); err != nil {
		return r, err
	}
	if i.Live != nil {
		live := i.Live(kind, name)
		r.RunningSince, r.Next, r.Standby = live.Since, live.Next, live.Standby
	}
	return r, nil
}
