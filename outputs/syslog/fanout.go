package syslog

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// destination is one address that events are sent to, over all deliveries.
type destination struct {
	settings *Settings
	address  string
	// holds has the ids of what this destination took of the last delivery, where
	// another receiver did not take it: the delivery comes again, and this one is
	// spared what it has.
	holds map[string]bool
}

func (r *destination) where() string { return string(r.settings.Network) + "://" + r.address }

// failure is an error of one receiver, not of what there was to send.
type failure struct {
	where string
	err   error
}

func (f *failure) Error() string { return "sending events to " + f.where + ": " + f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

// fanout sends the events of one delivery to several receivers, each over a link
// of its own.
type fanout struct {
	lanes []*lane
	// events are the changes of the delivery so far. They are kept for several
	// receivers alone.
	events []identity
}

// lane is the way to one receiver. It opens with the first event, so that a
// delivery without changes disturbs nobody.
type lane struct {
	*destination
	link link
	// err is why nothing is sent here any more.
	err     error
	refused []outputs.Refusal
}

func newFanout(receivers []*destination) *fanout {
	f := &fanout{lanes: make([]*lane, len(receivers))}
	for i, r := range receivers {
		f.lanes[i] = &lane{destination: r}
	}
	return f
}

// send hands an event to every receiver that is in order. It returns an error
// once none is.
func (f *fanout) send(ctx context.Context, o outgoing) error {
	if len(f.lanes) > 1 && o.key != (indicator.Key{}) {
		f.events = append(f.events, o.identity)
	}
	open := 0
	for _, l := range f.lanes {
		if l.err == nil && !l.holds[o.id] {
			l.err = l.send(ctx, o)
		}
		if l.err == nil {
			open++
		}
	}
	if open == 0 {
		return f.failed()
	}
	return nil
}

// finish waits until every receiver has everything, and puts their answers
// together.
func (f *fanout) finish(ctx context.Context) error {
	for _, l := range f.lanes {
		if l.err == nil {
			l.err = l.finish(ctx)
		}
	}
	f.remember()
	if err := f.failed(); err != nil {
		return err
	}
	return f.refusals()
}

// remember notes which changes the receivers in order hold, if others are not.
// What is no change, such as a heartbeat, leaves these notes as they are.
func (f *fanout) remember() {
	if len(f.events) == 0 {
		return
	}
	complete := f.failed() == nil && f.refusals() == nil
	for _, l := range f.lanes {
		switch {
		case complete:
			l.holds = nil
		case l.err == nil:
			l.remember(f.events)
		}
	}
}

func (l *lane) remember(events []identity) {
	l.holds = make(map[string]bool, len(events))
	refused := make(map[indicator.Key]bool, len(l.refused))
	for _, refusal := range l.refused {
		refused[refusal.Key] = true
	}
	for _, event := range events {
		if !refused[event.key] {
			l.holds[event.id] = true
		}
	}
}

// failed returns the errors of the receivers.
func (f *fanout) failed() error {
	var failures []error
	for _, l := range f.lanes {
		if l.err != nil {
			failures = append(failures, &failure{l.where(), l.err})
		}
	}
	return inOneLine(failures)
}

// inOneLine joins errors for a log that has one line for each. The first is the
// one that is wrapped.
func inOneLine(errs []error) error {
	if len(errs) < 2 {
		return errors.Join(errs...)
	}
	texts := make([]string, len(errs)-1)
	for i, err := range errs[1:] {
		texts[i] = err.Error()
	}
	return fmt.Errorf("%w; %s", errs[0], strings.Join(texts, "; "))
}

// refusals returns the keys that any of the receivers refused.
func (f *fanout) refusals() error {
	var all []outputs.Refusal
	for _, l := range f.lanes {
		all = append(all, l.refused...)
	}
	if len(all) == 0 {
		return nil
	}
	return &outputs.PartialError{Refused: all}
}

func (f *fanout) close() {
	for _, l := range f.lanes {
		if l.link != nil {
			l.link.close()
		}
	}
}

func (l *lane) send(ctx context.Context, o outgoing) error {
	if l.link == nil {
		opened, err := l.settings.connect(ctx, l.address)
		if err != nil {
			return err
		}
		l.link = opened
	}
	return l.link.send(ctx, o)
}

// finish keeps the keys that were refused apart from what is an error.
func (l *lane) finish(ctx context.Context) error {
	if l.link == nil {
		return nil
	}
	err := l.link.finish(ctx)
	if partial, ok := errors.AsType[*outputs.PartialError](err); ok {
		l.refused = partial.Refused
		return nil
	}
	return err
}
