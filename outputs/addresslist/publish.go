package addresslist

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/indicatord/indicatord/internal/plugin"
)

// publish gives the new files their names and tells the reader. While it is too
// early to tell the reader, the old files stay, so that what lies in their place
// is what the reader has.
func (o *Output) publish(ctx context.Context, now time.Time, w *writing) error {
	due, err := o.reloader.isDue()
	if err != nil {
		return fmt.Errorf("looking whether a reload is due: %w", err)
	}
	changed := len(w.changed()) > 0
	if changed || due {
		if rest := o.reloader.tooSoon(now); rest > 0 {
			return plugin.Wait(rest, fmt.Errorf("the new list waits: the last reload was less than %s ago (reload.at_most_every)", o.reloader.AtMostEvery))
		}
	}
	if changed {
		if err := o.reloader.mark(); err != nil {
			return fmt.Errorf("noting that a reload is due: %w", err)
		}
	}
	if err := w.commit(); err != nil {
		return fmt.Errorf("writing the list: %w", err)
	}
	if !o.reloader.wanted() || !changed && !due {
		return nil
	}
	return o.reload(ctx, now, w)
}

func (o *Output) reload(ctx context.Context, now time.Time, w *writing) error {
	err := o.reloader.run(ctx, now)
	if err == nil || !o.reloader.RestoreOnFailure || ctx.Err() != nil {
		return err
	}
	if failed := w.restore(); failed != nil {
		return errors.Join(err, fmt.Errorf("putting the previous list back: %w", failed))
	}
	return fmt.Errorf("the previous list is back in its place: %w", err)
}
