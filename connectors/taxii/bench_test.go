package taxii

import (
	"context"
	"testing"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/connectors/connectortest"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/taxiihub"
	"github.com/indicatord/indicatord/internal/taxiihub/hubtest"
)

// BenchmarkPull pulls from a hub in the same process; the sink keeps nothing. The
// hub's own work is part of the figure.
func BenchmarkPull(b *testing.B) {
	const n = 50_000
	hub := taxiihub.New(taxiihub.Options{Uncompressed: true})
	if err := hub.Collection("c", "C", "").Add(connectortest.Objects(0, n, 0)...); err != nil {
		b.Fatal(err)
	}
	connector, err := settingsFor(hubtest.Start(b, hub.Handler()) + "/taxii2/").Open(plugin.Env{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		got := 0
		err := connector.Fetch(context.Background(), connectors.State{}, func(_ context.Context, page connectors.Page) error {
			got += len(page.Objects)
			return nil
		})
		if err != nil || got != n {
			b.Fatalf("%d objects, %v", got, err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}
