package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// RefreshSchedule implements [outputs.Refreshing]: it is never unless configured.
func (s *Settings) RefreshSchedule() string { return "" }

// Binding implements [plugin.Bound].
func (s *Settings) Binding() string { return s.At }

// Announces implements [outputs.Announcing].
func (s *Settings) Announces() bool { return true }

// Refresh implements [outputs.Refresher]: the tool notes what it was told again.
func (o *Output) Refresh(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	if err := o.tool.begin(ctx); err != nil {
		return outputs.Receipt{}, fmt.Errorf("refreshing memory: %w", err)
	}
	entries, err := collect(ctx, d.All(outputs.InFull))
	if err != nil {
		return outputs.Receipt{}, fmt.Errorf("refreshing memory: %w", err)
	}
	written, refused := o.tool.refreshed(entries)
	receipt := outputs.Receipt{Written: written, Held: o.tool.count(), Where: "memory"}
	if len(refused) > 0 {
		return receipt, &outputs.PartialError{Refused: refused}
	}
	return receipt, nil
}

// Announce implements [outputs.Announcer]: the tool notes what it was told.
func (o *Output) Announce(ctx context.Context, n outputs.Notice) error {
	if err := o.tool.begin(ctx); err != nil {
		return fmt.Errorf("announcing to memory: %w", err)
	}
	o.tool.mu.Lock()
	defer o.tool.mu.Unlock()
	o.tool.notices = append(o.tool.notices, n)
	return nil
}

// Refreshes returns the keys of each refresh, oldest first.
func (t *Tool) Refreshes() [][]indicator.Key {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.refreshes)
}

// Notices returns the notices that the tool was told, oldest first.
func (t *Tool) Notices() []outputs.Notice {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.notices)
}

func (t *Tool) refreshed(entries []indicator.Entry) (written int, refused []outputs.Refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	keys := make([]indicator.Key, 0, len(entries))
	for _, e := range entries {
		if refusal := t.refusal(outputs.Change{Op: outputs.Update, Entry: e}); refusal != nil {
			refused = append(refused, *refusal)
			continue
		}
		keys = append(keys, e.Key)
	}
	t.refreshes = append(t.refreshes, keys)
	return len(keys), refused
}
