package syslog

import (
	"context"
	"fmt"
	"iter"
	"os"

	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

var (
	_ outputs.Output    = (*output)(nil)
	_ outputs.Refresher = (*output)(nil)
	_ outputs.Announcer = (*output)(nil)
	_ outputs.Previewer = (*output)(nil)
	_ outputs.Prober    = (*output)(nil)
)

type output struct {
	settings Settings
	env      plugin.Env
	format   formatter
	event    []byte
}

func newOutput(s Settings, env plugin.Env) (*output, error) {
	format, err := newFormatter(&s, env)
	return &output{settings: s, env: env, format: format}, err
}

// hostname is what was set, or else the machine's own name.
func hostname(set string) string {
	if set == "" {
		set, _ = os.Hostname() // without a name, HOSTNAME is the nil value
	}
	return headerField(set, maxHostname)
}

// Deliver sends one event for each change.
func (o *output) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	return o.send(ctx, func(yield func(*event, error) bool) {
		for change, err := range d.Changes {
			e := ofChange(o.format.site, d.Now, &change)
			if !yield(&e, err) {
				return
			}
		}
	})
}

// send sends the events over a connection of their own. TCP tells of nothing
// that a program has read, so the connection's end is what confirms a delivery;
// see the README for what that is worth.
func (o *output) send(ctx context.Context, events iter.Seq2[*event, error]) (outputs.Receipt, error) {
	receipt := outputs.Receipt{Held: -1, Where: o.where(), Skipped: map[string]int{}}
	defer o.tellOfLost()
	c := newConn(o.settings)
	defer c.close()
	for e, err := range events {
		if err != nil {
			return receipt, err
		}
		var unsaid string
		if o.event, unsaid = o.format.appendEvent(o.event[:0], e); unsaid != "" {
			e.unsaid = true
			receipt.Skipped[unsaid]++
			continue
		}
		if err := c.send(ctx, o.event); err != nil {
			return receipt, o.failed(err)
		}
		receipt.Written++
	}
	if err := c.finish(ctx); err != nil {
		return receipt, o.failed(err)
	}
	return receipt, nil
}

// tellOfLost logs how many characters the encoding did not have.
func (o *output) tellOfLost() {
	if lost := o.format.takeLost(); lost > 0 && o.env.Log != nil {
		o.env.Log.Warn("characters were sent as a question mark, because the encoding does not have them", "encoding", string(o.settings.Encoding), "characters", lost)
	}
}

// Probe opens a connection and closes it again, without an event.
func (o *output) Probe(ctx context.Context) (string, error) {
	c := newConn(o.settings)
	defer c.close()
	if err := c.dial(ctx); err != nil {
		return "", o.failed(err)
	}
	return fmt.Sprintf("%s takes connections", o.where()), nil
}

func (o *output) where() string { return o.settings.Network + "://" + o.settings.Address }

func (o *output) failed(err error) error {
	return fmt.Errorf("sending events to %s: %w", o.where(), err)
}
