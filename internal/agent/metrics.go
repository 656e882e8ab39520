package agent

import (
	"context"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/metrics"
)

// exposeMetrics opens the port for metrics, if one is configured, and returns
// what closes it. Without the port everything else goes on.
func (g *generation) exposeMetrics(ctx context.Context) (stop func()) {
	if g.config.Metrics.Listen == "" {
		return func() {}
	}
	server, err := metrics.Listen(ctx, g.config.Metrics.Listen, func(ctx context.Context) (admin.Status, error) { return g.inspector().Status(ctx) })
	if err != nil {
		g.log.Error("metrics are not shown", "error", err)
		return func() {}
	}
	return func() { _ = server.Close() }
}
