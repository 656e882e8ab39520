package pipeline

import (
	"context"

	"github.com/indicatord/indicatord/internal/store"
)

// DeriveAgain makes the assertions anew of every stored object of the source
// that other rules have made, or of which other objects now tell more: after the
// program has learnt more, the operator has changed how objects are read, or a
// source has sent a marking definition or a relationship late. It pulls nothing,
// and works in short transactions so that pulls go on beside it.
func (p *Puller) DeriveAgain(ctx context.Context) (store.Applied, error) {
	var total store.Applied
	// What is derived may in turn tell something new of objects before it: a
	// marking of an indicator, at most.
	for range 2 {
		applied, err := p.deriveStale(ctx)
		total.Add(applied)
		if err != nil || applied.Stale == 0 {
			return total, err
		}
	}
	return total, nil
}

func (p *Puller) deriveStale(ctx context.Context) (store.Applied, error) {
	var total store.Applied
	fingerprint := p.Options.Fingerprint()
	markings, err := p.Store.Markings(ctx, p.Source)
	if err != nil {
		return total, err
	}
	again := func(raw []byte) (store.Object, error) {
		object, _, err := derive(raw, p.Options, markings, p.Now())
		return object, err
	}
	for after := int64(0); ; {
		last, applied, err := p.Store.Derive(ctx, p.Source, fingerprint, after, again, p.Now())
		total.Add(applied)
		if applied.Changed() && p.Stored != nil {
			p.Stored()
		}
		if err != nil || last == 0 {
			return total, err
		}
		after = last
	}
}
