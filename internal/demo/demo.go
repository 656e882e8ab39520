package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/agent"
	"github.com/indicatord/indicatord/internal/config"
)

// stepEvery is how fast the history goes.
const stepEvery = 6 * time.Second

// Options are what the demo needs.
type Options struct {
	// Dir is where everything is written; "" makes a new temporary directory.
	// What is there stays when the demo ends.
	Dir string
	// Once ends the demo after the first full round.
	Once bool
	// Command is how the user has called the program, for the commands to try.
	Command string
	// Load loads a configuration file.
	Load    func(path string) (*config.Config, error)
	Out     io.Writer
	Log     *slog.Logger
	Version string
}

// Run runs the demo until ctx ends, or one round with Once.
func Run(ctx context.Context, o Options) error {
	dir, err := prepare(o.Dir)
	if err != nil {
		return err
	}
	h, err := newHub(time.Now())
	if err != nil {
		return err
	}
	path, text, err := writeConfiguration(dir, h.url)
	if err != nil {
		return err
	}
	c, err := o.Load(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "A TAXII 2.1 hub listens on %s. The agent runs with %s:\n\n%s\n", h.url, path, text)
	ctx, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- h.serve(ctx) }()
	err = play(ctx, h, c, path, o)
	stop()
	return errors.Join(err, <-served)
}

func prepare(dir string) (string, error) {
	var err error
	if dir == "" {
		dir, err = os.MkdirTemp("", "indicatord-demo-")
	} else if dir, err = filepath.Abs(dir); err == nil {
		err = os.MkdirAll(dir, 0o750)
	}
	if err != nil {
		return "", fmt.Errorf("making the demo's directory: %w", err)
	}
	return dir, nil
}

func play(ctx context.Context, h *hub, c *config.Config, path string, o Options) error {
	options := agent.Options{Version: o.Version, Log: o.Log}
	if err := agent.Once(ctx, c, admin.Round{}, options); err != nil {
		return fmt.Errorf("the first round: %w", err)
	}
	if err := summarize(ctx, o.Out, c, path, o.Command); err != nil {
		return err
	}
	if o.Once {
		return nil
	}
	fmt.Fprintf(o.Out, "The agent goes on until you interrupt it (Ctrl-C). The hub changes every %s.\n\n", stepEvery)
	go tellHistory(ctx, h, o.Out)
	return agent.Run(ctx, c, nil, options)
}

// tellHistory lets the history go on and says what happened at the hub; the
// agent's log tells what it makes of it.
func tellHistory(ctx context.Context, h *hub, out io.Writer) {
	ticker := time.NewTicker(stepEvery)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			story, err := h.step(now)
			if err != nil {
				story = err.Error()
			}
			fmt.Fprintf(out, "hub: %s\n", story)
		case <-ctx.Done():
			return
		}
	}
}
