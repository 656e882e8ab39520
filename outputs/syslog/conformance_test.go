package syslog

import (
	"testing"

	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

func TestConformance(t *testing.T) {
	outputtest.Run(t, outputtest.Suite{
		Spec: Spec(),
		New: func(t *testing.T) outputtest.Tool {
			r := newReceiver(t)
			settings := Defaults()
			settings.Address = r.address()
			return outputtest.Tool{
				Settings: settings,
				Events:   func(t *testing.T) []outputtest.Event { return asEvents(t, r.received()) },
				Break:    r.breakOff,
			}
		},
	})
}

// asEvents reads the log as the suite wants it.
func asEvents(t *testing.T, messages []message) []outputtest.Event {
	t.Helper()
	ops := map[string]outputs.Op{"add": outputs.Add, "update": outputs.Update, "remove": outputs.Remove}
	events := make([]outputtest.Event, len(messages))
	for i, m := range messages {
		events[i] = outputtest.Event{Op: ops[m.value("action")], Key: m.key(t)}
	}
	return events
}
