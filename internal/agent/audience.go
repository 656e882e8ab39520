package agent

import (
	"context"
	"os"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/webhook"
	"github.com/indicatord/indicatord/outputs"
)

// audiences are the log, the webhook, and the tools that take notices. The second
// value ends what was opened for them.
func (g *generation) audiences() ([]*audience, func()) {
	all := []*audience{{tell: g.logAlarm}}
	closing := func() {}
	if g.hook != nil {
		all = append(all, &audience{name: "webhook", tell: g.post, told: g.board.of("webhook")})
		closing = g.hook.Close
	}
	for _, t := range g.targets {
		if _, can := t.deliverer.Output.(outputs.Announcer); can && announces(t) {
			name := "output/" + t.config.Name
			all = append(all, &audience{name: name, told: g.board.of(name), tell: func(ctx context.Context, news outputs.News, a admin.Alarm) error {
				return g.announce(ctx, t, outputs.Notice{News: news, Alarm: outputs.Alarm{Name: a.Name, Subject: a.Subject, Since: a.Since, Text: a.Text}})
			}})
		}
	}
	return all, closing
}

func announces(t *target) bool {
	settings, ok := t.config.Settings.(outputs.Announcing)
	return ok && settings.Announces()
}

// logAlarm tells whoever reads the log. After a start it begins anew.
func (g *generation) logAlarm(_ context.Context, news outputs.News, a admin.Alarm) error {
	attrs := []any{"alarm", a.Name, "subject", a.Subject, "text", a.Text}
	if !a.Since.IsZero() {
		attrs = append(attrs, "since", a.Since)
	}
	if news == outputs.AlarmCleared {
		g.log.Info("alarm cleared", attrs...)
	} else {
		g.log.Warn("alarm raised", attrs...)
	}
	return nil
}

// post tells the webhook.
func (g *generation) post(ctx context.Context, news outputs.News, a admin.Alarm) error {
	host, _ := os.Hostname() // without a name the message does without
	return g.hook.Post(ctx, webhook.Message{
		Event: string(news), At: g.now().UTC(), Site: g.config.Site, Host: host,
		Alarm: a.Name, Subject: a.Subject, Since: a.Since, Text: a.Text,
	})
}

// announce hands a notice to a tool between two deliveries. An output that is
// paused is left alone.
func (g *generation) announce(ctx context.Context, t *target, n outputs.Notice) error {
	var err error
	if n.Stand, err = g.stand(ctx, t); err != nil {
		return err
	}
	n.At = g.now()
	return t.work.do(ctx, func(ctx context.Context) error {
		if err := t.standing.paused(ctx); err != nil {
			return err
		}
		announcer, can := t.deliverer.Output.(outputs.Announcer)
		if !can {
			return nil
		}
		ctx, cancel := context.WithTimeout(ctx, announceTime)
		defer cancel()
		return announcer.Announce(ctx, n)
	})
}

// announceTime bounds one notice.
const announceTime = time.Minute

// heartbeatLoop tells the tool on schedule that the agent lives.
func (g *generation) heartbeatLoop(ctx context.Context, t *target) {
	if t.config.Heartbeat.IsNever() {
		return
	}
	failure := ""
	t.config.Heartbeat.Loop(ctx, 0, nil, func(ctx context.Context) {
		err := g.announce(ctx, t, outputs.Notice{News: outputs.Heartbeat})
		switch {
		case err == nil:
			failure = ""
		case ctx.Err() == nil && err.Error() != failure:
			failure = err.Error()
			g.log.Error("a heartbeat was not taken", "output", t.config.Name, "error", err)
		}
	})
}
