package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/atomicfile"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
)

// alarmsEvery is how often the agent looks for alarms.
const alarmsEvery = 30 * time.Second

// audience is somebody who is told of alarms. What was told is remembered, so
// that everybody comes to know every alarm that stands and every one that has
// ended, whatever failed meanwhile, and nobody is told twice.
type audience struct {
	name string
	tell func(context.Context, outputs.News, admin.Alarm) error

	told    []admin.Alarm
	failure string // of the last try, so that it is logged once
	latest  chan []admin.Alarm
}

// alarmLoop looks for alarms until ctx ends, and lets every audience know.
func (g *generation) alarmLoop(ctx context.Context) {
	all, closeAll := g.audiences()
	defer closeAll()
	var group sync.WaitGroup
	defer group.Wait()
	for _, a := range all {
		a.latest = make(chan []admin.Alarm, 1)
		group.Go(func() { g.inform(ctx, a) })
	}
	var counts sourceCounts
	for ; ; sleep(ctx, alarmsEvery) {
		alarms, err := g.lookForAlarms(ctx, &counts)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			g.log.Error("cannot tell whether there are alarms", "error", err)
			continue
		}
		g.standing.Store(int64(len(alarms)))
		for _, a := range all {
			a.hear(alarms)
		}
	}
}

// countEvery is how often everything that is stored is counted, which takes a
// second for a million objects.
const countEvery = 10 * time.Minute

// sourceCounts are counts of what is stored, and when and at which sequence they
// were made.
type sourceCounts struct {
	of       map[string]store.SourceCounts
	at       time.Time
	sequence uint64
}

func (g *generation) lookForAlarms(ctx context.Context, counts *sourceCounts) ([]admin.Alarm, error) {
	sequence, err := g.store.Sequence(ctx)
	if err != nil {
		return nil, err
	}
	if now := g.now(); counts.of == nil || sequence != counts.sequence && now.Sub(counts.at) >= countEvery {
		of, err := g.store.CountSources(ctx)
		if err != nil {
			return nil, err
		}
		*counts = sourceCounts{of: of, at: now, sequence: sequence}
	}
	return g.inspector().Alarms(ctx, counts.of)
}

// hear replaces what the audience has not got round to.
func (a *audience) hear(alarms []admin.Alarm) {
	select {
	case <-a.latest:
	default:
	}
	a.latest <- alarms
}

// inform tells one audience, which may be slow, what has changed.
func (g *generation) inform(ctx context.Context, a *audience) {
	for {
		select {
		case <-ctx.Done():
			return
		case alarms := <-a.latest:
			changed, err := a.converge(ctx, alarms)
			g.informed(ctx, a, changed, err)
		}
	}
}

func (g *generation) informed(ctx context.Context, a *audience, changed bool, err error) {
	if changed && a.name != "" {
		err = errors.Join(err, g.board.keep(a.name, a.told))
	}
	if err == nil || ctx.Err() != nil {
		a.failure = ""
		return
	}
	if text := err.Error(); text != a.failure {
		g.log.Error("alarms could not be told; it is tried again", "to", a.name, "error", err)
		a.failure = text
	}
}

// converge tells of each alarm that was raised and each that was cleared since
// the audience was last told.
func (a *audience) converge(ctx context.Context, alarms []admin.Alarm) (changed bool, err error) {
	for _, old := range slices.Clone(a.told) {
		if slices.ContainsFunc(alarms, old.Same) {
			continue
		}
		if err := a.tell(ctx, outputs.AlarmCleared, old); err != nil {
			return changed, err
		}
		changed = true
		a.told = slices.DeleteFunc(a.told, old.Same)
	}
	for _, alarm := range alarms {
		if slices.ContainsFunc(a.told, alarm.Same) {
			continue
		}
		if err := a.tell(ctx, outputs.AlarmRaised, alarm); err != nil {
			return changed, err
		}
		changed = true
		a.told = append(a.told, alarm)
	}
	return changed, nil
}

// board remembers in the state directory who was told of what.
type board struct {
	path string
	mu   sync.Mutex
	told map[string][]admin.Alarm
}

const boardName = "alarms.json"

// readBoard reads what was told before. What cannot be read is as if nothing had
// been told.
func readBoard(state string) (*board, error) {
	b := &board{path: filepath.Join(state, boardName), told: map[string][]admin.Alarm{}}
	text, err := os.ReadFile(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &b.told)
	}
	if err != nil {
		b.told = map[string][]admin.Alarm{}
		return b, fmt.Errorf("reading which alarms were told: %w", err)
	}
	return b, nil
}

func (b *board) of(name string) []admin.Alarm {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.told[name])
}

func (b *board) keep(name string, told []admin.Alarm) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told[name] = slices.Clone(told)
	_, err := atomicfile.Replace(b.path, 0o640, func(w io.Writer) error { return json.NewEncoder(w).Encode(b.told) })
	if err != nil {
		return fmt.Errorf("keeping which alarms were told: %w", err)
	}
	return nil
}

// stand is how an output stands, for a notice.
func (g *generation) stand(ctx context.Context, t *target) (outputs.Stand, error) {
	s := outputs.Stand{Alarms: int(g.standing.Load()), Version: cmp.Or(g.version, "unknown")}
	progress, err := g.store.Progress(ctx, t.deliverer.Name)
	if err != nil {
		return s, err
	}
	s.LastDelivery = progress.Delivered
	s.Delivered, err = g.store.CountLedger(ctx, t.deliverer.Name)
	return s, err
}
