package agent

import (
	"context"
	"sync"
	"time"
)

// work is what a connector and an output at work have in common: one round at a
// time, asked for by a schedule, a bell or a person, and put off after a
// failure.
type work struct {
	duty    *duty
	now     func() time.Time
	trigger chan struct{}
	turn    chan struct{} // holds one token

	mu      sync.Mutex
	since   time.Time // of the round that is running, or zero
	rest    time.Time // no round of its own accord before this
	restart *time.Timer
}

func newWork(duty *duty, now func() time.Time) *work {
	w := &work{duty: duty, now: now, trigger: make(chan struct{}, 1), turn: make(chan struct{}, 1)}
	w.turn <- struct{}{}
	return w
}

// ask asks for a round soon. It never blocks, and asking twice is asking once.
func (w *work) ask() {
	select {
	case w.trigger <- struct{}{}:
	default:
	}
}

// urge asks for a round now, also where rounds are put off: a person has decided
// something.
func (w *work) urge() {
	w.mu.Lock()
	w.rest = time.Time{}
	w.mu.Unlock()
	w.ask()
}

// do runs one round when it is its turn, unless another agent has the right to.
func (w *work) do(ctx context.Context, round func(context.Context) error) error {
	select {
	case <-w.turn:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { w.turn <- struct{}{} }()
	return w.duty.do(ctx, func(ctx context.Context) error {
		w.begin()
		defer w.end()
		return round(ctx)
	})
}

func (w *work) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since, w.rest = w.now(), time.Time{}
	if w.restart != nil {
		w.restart.Stop()
	}
}

func (w *work) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since = time.Time{}
}

// retryAfter puts off the rounds for a while, and asks for one then.
func (w *work) retryAfter(wait time.Duration) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = w.now().Add(wait)
	w.restart = time.AfterFunc(wait, w.ask)
	return wait
}

// resting reports whether a round was put off and its time has not come.
func (w *work) resting() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now().Before(w.rest)
}

// state returns since when a round is running, and until when rounds are put
// off; zero times for neither.
func (w *work) state() (since, rest time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.since, w.rest
}

// stop forgets a retry that is planned.
func (w *work) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.restart != nil {
		w.restart.Stop()
	}
}

// bell tells the outputs that deliver on change that something has changed.
type bell struct {
	mu      sync.Mutex
	hearers []*work
}

func (b *bell) add(w *work) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hearers = append(b.hearers, w)
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.hearers {
		w.ask()
	}
}
