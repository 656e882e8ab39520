package syslog

import (
	"context"
	"time"

	"github.com/indicatord/indicatord/outputs"
)

// Announces implements [outputs.Announcing].
func (s *Settings) Announces() bool { return true }

// Announce implements [outputs.Announcer]. It sends one event about the agent itself.
func (o *output) Announce(ctx context.Context, n outputs.Notice) error {
	e := event{
		at: n.At, action: string(n.News), notice: &n,
		id: idOf(o.format.site, o.env.Name, string(n.News), n.At.UTC().Format(time.RFC3339Nano), n.Alarm.Name, n.Alarm.Subject),
	}
	_, err := o.send(ctx, func(yield func(*event, error) bool) { yield(&e, nil) })
	return err
}
