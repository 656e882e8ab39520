package connectortest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/connectors"
)

func bringsEverything(t *testing.T, b *bench) {
	b.Put(Objects(0, many, 0)...)
	p := b.pull(t, connectors.State{})
	if diff := cmp.Diff(versionsOf(0, many, 0), p.versions(t)); diff != "" {
		t.Errorf("the pages do not hold the objects in their order (-want +got):\n%s", diff)
	}
	if len(p.pages) < 2 {
		t.Errorf("%d objects came in %d page: the suite wants settings with small pages", many, len(p.pages))
	}
	if p.complete() > 0 {
		t.Error("a pull that nobody asked to be full claims to be complete")
	}
	if p.cursor == nil {
		t.Error("no page carried a cursor: every pull would start from the beginning")
	}
}

func emptySource(t *testing.T, b *bench) {
	if got := b.pull(t, connectors.State{}).versions(t); len(got) > 0 {
		t.Errorf("an empty source brought %v", got)
	}
}

func resumes(t *testing.T, b *bench) {
	b.Put(Objects(0, many, 0)...)
	pages := len(b.pull(t, connectors.State{}).pages)
	for n := range pages {
		first := new(pulled)
		if err := b.fetch(t, connectors.State{}, first.takeOnly(n)); !errors.Is(err, errStop) {
			t.Fatalf("the sink stopped after %d pages and Fetch returned %v", n, err)
		}
		second := b.pull(t, connectors.State{Cursor: first.cursor})
		wantAll(t, append(first.versions(t), second.versions(t)...), versionsOf(0, many, 0))
		if t.Failed() {
			t.Fatalf("objects were lost by a stop after %d of %d pages (cursor %s)", n, pages, first.cursor)
		}
	}
}

func secondPull(t *testing.T, b *bench) {
	b.Put(Objects(0, many, 0)...)
	cursor := b.pull(t, connectors.State{}).cursor
	again := b.pull(t, connectors.State{Cursor: cursor})
	wantOnly(t, again.versions(t), versionsOf(0, many, 0))
}

func laterPull(t *testing.T, b *bench) {
	b.Put(Objects(0, many, 0)...)
	cursor := b.pull(t, connectors.State{}).cursor
	for version := 1; version <= 2; version++ {
		b.Put(Objects(version, 2, version)...)
		b.Put(Objects(many*version, 3, version)...)
		p := b.pull(t, connectors.State{Cursor: cursor})
		wantAll(t, p.versions(t), slices.Concat(versionsOf(version, 2, version), versionsOf(many*version, 3, version)))
		if p.cursor != nil {
			cursor = p.cursor
		}
	}
}

func fullPull(t *testing.T, b *bench) {
	b.Put(Objects(0, many, 0)...)
	cursor := b.pull(t, connectors.State{}).cursor
	p := b.pull(t, connectors.State{Cursor: cursor, Full: true})
	wantAll(t, p.versions(t), versionsOf(0, many, 0))
	if n := p.complete(); n != 1 || !p.pages[len(p.pages)-1].Complete {
		t.Errorf("%d of %d pages are marked complete, want the last one alone", n, len(p.pages))
	}
}

func fullPullAfterForget(t *testing.T, b *bench) {
	if b.Forget == nil {
		t.Skip("a source of this kind cannot forget")
	}
	b.Put(Objects(0, many, 0)...)
	cursor := b.pull(t, connectors.State{}).cursor
	b.Forget(ID(7))
	p := b.pull(t, connectors.State{Cursor: cursor, Full: true})
	want := slices.Concat(versionsOf(0, 7, 0), versionsOf(8, many-8, 0))
	wantAll(t, p.versions(t), want)
	wantOnly(t, p.versions(t), want)
}

func fullPullCut(t *testing.T, b *bench) {
	b.Put(Objects(0, many, 0)...)
	pages := len(b.pull(t, connectors.State{Full: true}).pages)
	for n := range pages {
		p := new(pulled)
		if err := b.fetch(t, connectors.State{Full: true}, p.takeOnly(n)); !errors.Is(err, errStop) {
			t.Errorf("the sink stopped after %d pages and Fetch returned %v", n, err)
		}
		if p.complete() > 0 {
			t.Errorf("a full pull cut after %d of %d pages claims to be complete", n, pages)
		}
	}
}

func fullPullThenNew(t *testing.T, b *bench) {
	b.Put(Objects(0, many, 0)...)
	cursor := b.pull(t, connectors.State{}).cursor
	b.Put(Objects(many, 4, 0)...)
	if p := b.pull(t, connectors.State{Cursor: cursor, Full: true}); p.cursor != nil {
		cursor = p.cursor
	}
	b.Put(Objects(2*many, 3, 0)...)
	p := b.pull(t, connectors.State{Cursor: cursor})
	wantAll(t, p.versions(t), versionsOf(2*many, 3, 0))
}

func strangeCursor(t *testing.T, b *bench) {
	b.Put(Objects(0, many, 0)...)
	for _, cursor := range []string{"{", "null", "[]", "\x00\xff", strings.Repeat("[", 10000)} {
		p := b.pull(t, connectors.State{Cursor: []byte(cursor)})
		wantAll(t, p.versions(t), versionsOf(0, many, 0))
	}
}

func sinkError(t *testing.T, b *bench) {
	b.Put(Objects(0, many, 0)...)
	calls := 0
	err := b.fetch(t, connectors.State{}, func(context.Context, connectors.Page) error {
		calls++
		return errStop
	})
	if !errors.Is(err, errStop) {
		t.Errorf("Fetch returned %v, want the sink's error", err)
	}
	if calls != 1 {
		t.Errorf("the sink was called %d times, want no call after its error", calls)
	}
}

// soon is how long a pull may take to notice that it should end.
const soon = 5 * time.Second

func contextEnds(t *testing.T, b *bench) {
	b.Put(Objects(0, many, 0)...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var cancelled time.Time
	calls := 0
	err := b.connector.Fetch(ctx, connectors.State{}, func(context.Context, connectors.Page) error {
		calls++
		cancelled = time.Now()
		cancel()
		return nil
	})
	b.checkError(t, err)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Fetch returned %v, want the context's error", err)
	}
	if took := time.Since(cancelled); took > soon {
		t.Errorf("Fetch returned %s after the context ended, want it within %s", took, soon)
	}
	if calls != 1 {
		t.Errorf("the sink was called %d times, want no call after the context ended", calls)
	}
}

func contextEnded(t *testing.T, b *bench) {
	b.Put(Objects(0, many, 0)...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := new(pulled)
	err := b.connector.Fetch(ctx, connectors.State{}, p.take)
	b.checkError(t, err)
	if !errors.Is(err, context.Canceled) || len(p.pages) > 0 {
		t.Errorf("Fetch returned %v after %d pages, want the context's error and no page", err, len(p.pages))
	}
}
