package agent

import (
	"errors"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/plugin"
)

func TestBackoffGrowsToItsBound(t *testing.T) {
	b := backoff{first: time.Second, most: time.Minute}
	for i, seconds := range []int{1, 2, 4, 8, 16, 32, 60, 60} {
		want := time.Duration(seconds) * time.Second
		if got := b.next(errors.New("away")); got < want*3/4 || got > want*5/4 {
			t.Errorf("wait %d is %s, want about %s", i, got, want)
		}
	}
	b.failures = 1000
	if got := b.next(errors.New("away")); got < 45*time.Second || got > 75*time.Second {
		t.Errorf("after a thousand failures the wait is %s, want about a minute", got)
	}
	b.reset()
	if got := b.next(errors.New("away")); got > 2*time.Second {
		t.Errorf("after a success the wait is %s, want about a second", got)
	}
}

func TestBackoffHeedsTheOtherSide(t *testing.T) {
	b := backoff{first: time.Second, most: time.Minute}
	if got := b.next(plugin.Wait(time.Hour, errors.New("busy"))); got != time.Hour {
		t.Errorf("asked for an hour, the wait is %s", got)
	}
	if got := b.next(plugin.Permanent(errors.New("wrong"))); got < 45*time.Second {
		t.Errorf("after a permanent error the wait is %s, want the longest", got)
	}
}
