package syslog

import (
	"context"
	"fmt"
	"os"

	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

// tooLong is the reason in a receipt for an entry whose value does not fit.
const tooLong = "longer than max_size"

var (
	_ outputs.Output = (*output)(nil)
	_ outputs.Prober = (*output)(nil)
)

type output struct {
	settings Settings
	format   formatter
	event    []byte
}

func newOutput(s Settings, env plugin.Env) *output {
	return &output{settings: s, format: formatter{
		pri:  priority(s.Facility, s.Severity),
		host: hostname(s.Hostname),
		app:  s.AppName,
		sdID: fmt.Sprintf("indicatord@%d", s.Enterprise),
		site: env.Site,
		max:  s.MaxSize,
	}}
}

// hostname is what was set, or else the machine's own name.
func hostname(set string) string {
	if set == "" {
		set, _ = os.Hostname() // without a name, HOSTNAME is the nil value
	}
	return headerField(set, maxHostname)
}

// Deliver sends one event for each change, over a connection of its own. TCP
// tells of nothing that a program has read, so the connection's end is what
// confirms a delivery; see the README for what that is worth.
func (o *output) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	receipt := outputs.Receipt{Held: -1, Where: o.where(), Skipped: map[string]int{}}
	c := newConn(o.settings)
	defer c.close()
	for change, err := range d.Changes {
		if err != nil {
			return receipt, err
		}
		var fits bool
		if o.event, fits = o.format.append(o.event[:0], d.Now, &change); !fits {
			receipt.Skipped[tooLong]++
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
