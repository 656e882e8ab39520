package demo

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/indicatord/indicatord/configs/sample"
	"github.com/indicatord/indicatord/internal/taxiihub"
)

// The aliases of the two collections.
const (
	gridAlias    = "power-grid"
	historyAlias = "live-history"
)

// hub is the sector's hub in small.
type hub struct {
	url     string
	history *sample.History
	live    *taxiihub.Collection
	serve   func(context.Context) error
}

// newHub fills a hub and opens its port on loopback.
func newHub(now time.Time) (*hub, error) {
	objects, err := sample.Objects()
	if err != nil {
		return nil, err
	}
	h := taxiihub.New(taxiihub.Options{Title: "Demo hub of the power sector", MaxPage: 200})
	grid := h.Collection("3f1c9f5e-8d6b-4b58-9c53-0d7f6d2c9a01", "Campaigns against power grids", gridAlias)
	if err := grid.Add(objects...); err != nil {
		return nil, fmt.Errorf("filling the demo hub: %w", err)
	}
	demo := &hub{
		history: sample.NewHistory(now.UnixNano(), now),
		live:    h.Collection("3f1c9f5e-8d6b-4b58-9c53-0d7f6d2c9a02", "A history to watch", historyAlias),
	}
	if _, err := demo.step(now); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("opening the demo hub's port: %w", err)
	}
	demo.url = "http://" + listener.Addr().String() + "/taxii2/"
	demo.serve = func(ctx context.Context) error { return h.Serve(ctx, listener) }
	return demo, nil
}

// step goes one step on in the history and returns its story.
func (h *hub) step(now time.Time) (string, error) {
	step := h.history.Step(now)
	if err := h.live.Add(step.Add...); err != nil {
		return "", fmt.Errorf("a step of the demo's history: %w", err)
	}
	for _, id := range step.Remove {
		h.live.Remove(id)
	}
	return step.Story, nil
}
