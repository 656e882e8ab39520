package pipeline

import (
	"log/slog"
	"time"
)

// progressEvery is how often a long pull says how far it is.
const progressEvery = 10 * time.Second

// progress logs a line now and then, so that a long pull does not look hung.
type progress struct {
	log     *slog.Logger
	source  string
	now     func() time.Time
	started time.Time
	said    time.Time
}

func newProgress(p *Puller) *progress {
	now := p.Now()
	return &progress{log: p.Log, source: p.Source, now: p.Now, started: now, said: now}
}

func (p *progress) report(pages, objects int) {
	now := p.now()
	if now.Sub(p.said) < progressEvery {
		return
	}
	p.said = now
	p.log.Info("pulling", "connector", p.source, "pages", pages, "objects", objects,
		"objects_per_second", int(float64(objects)/now.Sub(p.started).Seconds()))
}
