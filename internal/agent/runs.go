package agent

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/indicatord/indicatord/internal/store"
)

// recordRun keeps a run for status. That it cannot be kept is told and has no
// other consequence.
func recordRun(ctx context.Context, s *store.Store, log *slog.Logger, run store.Run, counts any, err error) {
	if err != nil {
		run.Error = err.Error()
	}
	text, encodeErr := json.Marshal(counts)
	if encodeErr != nil {
		log.Error("a run cannot be recorded", "name", run.Name, "error", encodeErr)
		return
	}
	run.Counts = text
	if err := s.AddRun(ctx, run); err != nil {
		log.Error("a run cannot be recorded", "name", run.Name, "error", err)
	}
}
