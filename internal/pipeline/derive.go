package pipeline

import (
	"context"

	"github.com/indicatord/indicatord/internal/store"
)

// DeriveAgain makes the assertions anew of every stored object of the source
// that other rules have made: after the program has learnt more, or the
// operator has changed how objects are read. It pulls nothing, and works in
// short transactions so that pulls go on beside it.
func (p *Puller) DeriveAgain(ctx context.Context) (store.Applied, error) {
	fingerprint := p.Options.Fingerprint()
	again := func(raw []byte) (store.Object, error) { return derive(raw, p.Options, p.Now()) }
	var total store.Applied
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
