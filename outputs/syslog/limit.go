package syslog

import (
	"context"

	"golang.org/x/time/rate"
)

// Rate bounds what is sent to each receiver. 0 is no bound.
type Rate struct {
	// Events is the number of events in a second.
	Events int `yaml:"events"`
	// Bytes is the number of bytes in a second, without framing and encryption.
	Bytes int `yaml:"bytes"`
}

// limiter holds events back to keep to a rate, over all deliveries.
type limiter struct{ events, bytes *rate.Limiter }

// newLimiter makes the limiter of events of at most maxSize bytes. It lets a tenth
// of a second pass at once, or a single event.
func newLimiter(r Rate, maxSize int) limiter {
	return limiter{events: perSecond(r.Events, 1), bytes: perSecond(r.Bytes, maxSize)}
}

// perSecond returns nil for no bound.
func perSecond(n, atLeast int) *rate.Limiter {
	if n == 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(n), max(n/10, atLeast))
}

// wait returns when an event of that many bytes may be sent, or ctx ends.
func (l limiter) wait(ctx context.Context, size int) error {
	if err := waitFor(ctx, l.events, 1); err != nil {
		return err
	}
	return waitFor(ctx, l.bytes, size)
}

func waitFor(ctx context.Context, l *rate.Limiter, n int) error {
	if l == nil {
		return nil
	}
	return cause(ctx, l.WaitN(ctx, n))
}
