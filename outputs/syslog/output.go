package syslog

import (
	"context"
	"errors"
	"iter"
	"os"
	"strings"

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
	// routes are tried in turn until one takes a delivery. Each leads to one
	// receiver or to several.
	routes [][]*destination
	limit  limiter
	format formatter
	event  []byte
}

func newOutput(s Settings, env plugin.Env) (*output, error) {
	format, err := newFormatter(&s, env)
	return &output{
		settings: s, env: env,
		routes: s.routes(), limit: newLimiter(s.Rate, s.longest()), format: format,
	}, err
}

// routes are one way for each receiver, or one to all of them.
func (s Settings) routes() [][]*destination {
	var all []*destination
	var each [][]*destination
	for _, address := range s.addresses() {
		r := &destination{settings: &s, address: address}
		all = append(all, r)
		each = append(each, []*destination{r})
	}
	if s.Receivers == All {
		return [][]*destination{all}
	}
	return each
}

// hostname is what was set, or else the machine's own name.
func hostname(set string) string {
	if set == "" {
		set, _ = os.Hostname() // without a name, HOSTNAME is the nil value
	}
	return headerField(set, maxHostname)
}

// Deliver sends one event for each change. See the README for what each
// transport tells of what it has carried.
func (o *output) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	return o.send(ctx, func(yield func(*event, error) bool) {
		var change outputs.Change // one for all, as is the event: nobody keeps it
		var e event
		for next, err := range d.Changes {
			change = next
			e = ofChange(o.format.site, d.Now, &change)
			if !yield(&e, err) {
				return
			}
		}
	})
}

// send sends the events over connections of their own. It may range over them
// several times.
func (o *output) send(ctx context.Context, events iter.Seq2[*event, error]) (outputs.Receipt, error) {
	receipt := outputs.Receipt{Held: -1}
	defer o.tellOfLost()
	where, err := o.transmit(ctx, o.written(events, &receipt))
	receipt.Where = where
	return receipt, err
}

// written writes each event into memory that the next one overwrites, and
// counts. It begins anew each time it is ranged over.
func (o *output) written(events iter.Seq2[*event, error], receipt *outputs.Receipt) iter.Seq2[outgoing, error] {
	return func(yield func(outgoing, error) bool) {
		receipt.Written, receipt.Skipped = 0, map[string]int{}
		for e, err := range events {
			if err != nil {
				yield(outgoing{}, err)
				return
			}
			var unsaid string
			if o.event, unsaid = o.format.appendEvent(o.event[:0], e); unsaid != "" {
				e.unsaid = true
				receipt.Skipped[unsaid]++
				continue
			}
			if !yield(outgoing{e.identity(), o.event}, nil) {
				return
			}
			receipt.Written++
		}
	}
}

// transmit sends the events along the first route that takes them, and returns
// where they went. It ranges over them again for each further route. An error
// of the sequence is returned as it is.
func (o *output) transmit(ctx context.Context, events iter.Seq2[outgoing, error]) (where string, err error) {
	var failures []error
	for _, route := range o.routes {
		err := o.follow(ctx, route, events)
		if _, failed := errors.AsType[*failure](err); !failed || ctx.Err() != nil {
			return places(route), err
		}
		failures = append(failures, err)
	}
	return places(o.routes[0]), inOneLine(failures)
}

// follow sends the events to every receiver of a route.
func (o *output) follow(ctx context.Context, route []*destination, events iter.Seq2[outgoing, error]) error {
	f := newFanout(route)
	defer f.close()
	for event, err := range events {
		if err != nil {
			return err
		}
		if err := o.limit.wait(ctx, len(event.text)); err != nil {
			return err
		}
		if err := f.send(ctx, event); err != nil {
			return err
		}
	}
	return f.finish(ctx)
}

// tellOfLost logs how many characters the encoding did not have.
func (o *output) tellOfLost() {
	if lost := o.format.takeLost(); lost > 0 && o.env.Log != nil {
		o.env.Log.Warn("characters were sent as a question mark, because the encoding does not have them", "encoding", string(o.settings.Encoding), "characters", lost)
	}
}

// Probe opens a connection to each receiver and closes it again, without an
// event.
func (o *output) Probe(ctx context.Context) (string, error) {
	var found []string
	var failures []error
	for _, address := range o.settings.addresses() {
		r := destination{settings: &o.settings, address: address}
		if err := r.probe(ctx); err != nil {
			failures = append(failures, &failure{r.where(), err})
			continue
		}
		found = append(found, r.where()+o.settings.Network.probed())
	}
	return strings.Join(found, ", "), inOneLine(failures)
}

// probed says what the opening of a connection has shown.
func (n Network) probed() string {
	if n == UDP {
		return " has a route, and says nothing of who listens there"
	}
	return " takes connections"
}

func (r *destination) probe(ctx context.Context) error {
	l, err := r.settings.connect(ctx, r.address)
	if err != nil {
		return err
	}
	defer l.close()
	return l.finish(ctx)
}

func places(route []*destination) string {
	names := make([]string, len(route))
	for i, r := range route {
		names[i] = r.where()
	}
	return strings.Join(names, ", ")
}
