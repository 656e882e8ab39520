package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/indicatord/indicatord/internal/indicator"
)

// TestEverythingAtOnce: pulls of two sources, an output, the sweeper, the
// maintenance and people who ask, all at the same time, as in a running agent.
func TestEverythingAtOnce(t *testing.T) {
	s := openTest(t)
	const rounds = 20
	group, ctx := errgroup.WithContext(t.Context())
	for _, source := range []string{"one hub", "another hub"} {
		group.Go(func() error { return pullRounds(ctx, s, source, rounds) })
	}
	group.Go(func() error { return deliverRounds(ctx, s, rounds) })
	group.Go(func() error {
		for n := range rounds {
			if _, _, err := s.Sweep(ctx, noon.Add(time.Duration(n)*time.Hour)); err != nil {
				return err
			}
			if _, err := s.Maintain(ctx, noon); err != nil {
				return err
			}
		}
		return nil
	})
	group.Go(func() error {
		for n := range 5 * rounds {
			if _, err := s.Find(ctx, []indicator.Key{domain(fmt.Sprintf("d%d.example", n))}); err != nil {
				return err
			}
			if _, err := s.CountSources(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	checkConsistent(t, s)
	for _, r := range records(t, s) {
		if len(r.Entry.Assertions) != 2 {
			t.Errorf("%s has %d assertions, want one of each source", r.Entry.Key.Value, len(r.Entry.Assertions))
		}
	}
}

// pullRounds stores new versions of the same objects again and again.
func pullRounds(ctx context.Context, s *Store, source string, rounds int) error {
	for n := range rounds {
		b := batch()
		b.Source, b.Packer = source, NewPacker()
		var headers []Header
		for i := range 50 {
			o := packed(b.Packer, version(fmt.Sprintf("indicator--%d", i), n, fmt.Sprintf("d%d.example", i)))
			b.Objects = append(b.Objects, lasting(o, noon, noon.Add(time.Duration(i)*time.Hour)))
			headers = append(headers, headerOf(o))
		}
		if _, err := s.Familiar(ctx, source, headers); err != nil {
			return err
		}
		if _, err := s.Apply(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// deliverRounds accepts whatever has changed since the round before.
func deliverRounds(ctx context.Context, s *Store, rounds int) error {
	var since uint64
	for range rounds {
		until, err := s.Sequence(ctx)
		if err != nil {
			return err
		}
		var changes []LedgerChange
		for r, err := range s.Changed(ctx, Reading{Output: "list", InFull: true}, since, until) {
			if err != nil {
				return err
			}
			changes = append(changes, LedgerChange{Entry: r.ID, Digest: r.Entry.Sequence})
		}
		if err := s.Record(ctx, "list", changes, noon); err != nil {
			return err
		}
		since = until
	}
	return nil
}

// TestReadingEndsWithItsContext, and leaves no one reading.
func TestReadingEndsWithItsContext(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, largeBatch(2*chunkSize))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read := 0
	var last error
	for _, err := range s.Entries(ctx, Reading{}) {
		if last = err; err == nil {
			read++
		}
		cancel()
	}
	if last == nil && read != 2*chunkSize {
		t.Errorf("it ended after %d entries without an error", read)
	}
}
