package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/indicatord/indicatord/internal/store"
)

// withdraw withdraws what the source no longer holds. More than it may lose at
// once is held until somebody approves exactly that, or until it has become less;
// the error is then a [store.MissingError].
func (r *pull) withdraw(ctx context.Context) (store.Applied, error) {
	applied, err := r.Store.WithdrawMissing(ctx, r.presence, r.MostWithdrawn, r.Now())
	if missing, tooMany := errors.AsType[*store.MissingError](err); tooMany {
		approved, holding := r.holdWithdrawal(ctx, missing)
		if holding != nil || !approved {
			return applied, errors.Join(err, holding)
		}
		applied, err = r.Store.WithdrawMissing(ctx, r.presence, func(int) int { return missing.Missing }, r.Now())
	}
	if err != nil {
		return applied, err
	}
	return applied, r.releaseWithdrawal(ctx)
}

// holdWithdrawal notes what is held, and reports whether it is what somebody has
// approved.
func (r *pull) holdWithdrawal(ctx context.Context, missing *store.MissingError) (approved bool, err error) {
	name := store.HeldSource(r.Source)
	holds, err := r.Store.Holds(ctx)
	if err != nil {
		return false, err
	}
	if before, held := holds[name]; held && before.Digest == missing.Digest {
		return before.Decision == store.Approved, nil
	}
	shown, err := json.Marshal(Change{
		Removed: missing.Missing, Held: missing.Live, Digest: missing.Digest,
		Over: []string{fmt.Sprintf("at most %d may be withdrawn at once", missing.Most)},
	})
	if err != nil {
		return false, err
	}
	return false, r.Store.Hold(ctx, store.Hold{Output: name, Since: r.Now(), Digest: missing.Digest, Shown: shown})
}

func (r *pull) releaseWithdrawal(ctx context.Context) error {
	holds, err := r.Store.Holds(ctx)
	if _, held := holds[store.HeldSource(r.Source)]; err != nil || !held {
		return err
	}
	return r.Store.Release(ctx, store.HeldSource(r.Source))
}
