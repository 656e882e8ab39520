package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The tests of this file are about several agents on one store. Only PostgreSQL
// has that; TestEverythingOnPostgres runs them.

func needsShared(tb testing.TB) {
	tb.Helper()
	if !onPostgres() {
		tb.Skip("only PostgreSQL is shared: see TestEverythingOnPostgres, with -tags real")
	}
}

// openPair opens one store twice, as two machines do.
func openPair(t *testing.T) (first, second *Store) {
	t.Helper()
	needsShared(t)
	dir := t.TempDir()
	first = openIn(t, dir)
	l := locate(dir)
	l.Dir = t.TempDir()
	second, err := l.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, second) })
	return first, second
}

func TestAnUnsharedStoreGrantsEverything(t *testing.T) {
	onlySQLite(t, "it is shared")
	s := openTest(t)
	claim, err := s.Claim(t.Context(), "pull hub")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := claim.Under(t.Context())
	defer stop()
	if _, err := s.Apply(ctx, batch(version("indicator--1", 1, "a.example"))); err != nil {
		t.Error(err)
	}
	s.Unclaim("pull hub")
}

// TestTwoWritersTakeTurns lets two agents store in turn what the other has
// stored in part: no key comes twice, and no number.
func TestTwoWritersTakeTurns(t *testing.T) {
	first, second := openPair(t)
	for n := range 12 {
		for i, s := range []*Store{first, second} {
			b := numbered(n)
			b.Source = fmt.Sprintf("hub %d", i)
			mustApply(t, s, b)
			if n%4 == 0 {
				mustSweep(t, s, noon.Add(time.Duration(n)*time.Hour))
			}
		}
	}
	checkPair(t, first, second)
}

func checkPair(t *testing.T, first, second *Store) {
	t.Helper()
	for _, s := range []*Store{first, second} {
		s.writing.Lock()
		err := s.numbers.load(t.Context(), s.read) // each knows those of its own last turn
		s.writing.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		checkConsistent(t, s)
	}
	if !slices.Equal(said(t, first), said(t, second)) {
		t.Error("the two see different facts")
	}
}

func TestTwoWritersAtTheSameTime(t *testing.T) {
	first, second := openPair(t)
	var group sync.WaitGroup
	for i, s := range []*Store{first, second, first, second} {
		group.Go(func() {
			for n := range 10 {
				b := numbered(n)
				b.Source = fmt.Sprintf("hub %d", i%3) // one source is stored by both
				if _, err := s.Apply(context.Background(), b); err != nil {
					t.Error(err)
				}
				if err := s.Record(context.Background(), "list", []LedgerChange{{Entry: int64(n + 1), Digest: 7}}, noon); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	checkPair(t, first, second)
}

// TestOneWorksAndTheOtherStandsBy: a claim is of one agent at a time, names its
// holder, and passes on when it is given back or its holder ends.
func TestOneWorksAndTheOtherStandsBy(t *testing.T) {
	first, second := openPair(t)
	for n, pass := range []func(){func() { first.Unclaim("pull hub") }, func() { closeStore(t, second) }} {
		holder, other := first, second
		if _, err := first.Claim(t.Context(), "pull hub"); err != nil {
			holder, other = second, first
		}
		again, err := holder.Claim(t.Context(), "pull hub")
		if err != nil || again == nil {
			t.Fatalf("what is held is not granted again: %v", err)
		}
		_, err = other.Claim(t.Context(), "pull hub")
		var held *HeldError
		if !errors.As(err, &held) || !strings.Contains(held.Holder, "pid ") {
			t.Fatalf("the other gets %v, want the holder", err)
		}
		if _, err := other.Claim(t.Context(), fmt.Sprintf("delivery list-%d", n)); err != nil {
			t.Errorf("other work is not granted: %v", err)
		}
		pass()
		mustPassOn(t, other, "pull hub")
	}
}

// mustPassOn waits until the server has noticed that a claim is free.
func mustPassOn(t *testing.T, to *Store, what string) {
	t.Helper()
	var err error
	for range 500 {
		if _, err = to.Claim(t.Context(), what); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("it does not pass on: %v", err)
}

// TestALostSessionEndsTheWork cuts the session of a holder at the server: what
// it works on ends, nothing of it is stored any more, and the other takes over.
func TestALostSessionEndsTheWork(t *testing.T) {
	first, second := openPair(t)
	claim, err := first.Claim(t.Context(), "pull hub")
	if err != nil {
		t.Fatal(err)
	}
	working, stop := claim.Under(t.Context())
	defer stop()
	if _, err := first.Apply(working, numbered(0)); err != nil {
		t.Fatal(err)
	}
	queryText(t, second, "SELECT pg_terminate_backend(CAST(? AS INTEGER), 5000)", claim.pid)
	if _, err := first.Apply(working, numbered(1)); !errors.Is(err, ErrClaimLost) && !errors.Is(err, context.Canceled) {
		t.Errorf("a batch after the loss ends with %v", err)
	}
	if cursor, _ := second.Cursor(t.Context(), "hub"); string(cursor) != "0" {
		t.Errorf("the cursor is %s: a batch was stored after the loss", cursor)
	}
	select {
	case <-working.Done():
	case <-time.After(2 * (lookEvery + lookWithin)):
		t.Fatal("the work goes on after the loss")
	}
	if cause := context.Cause(working); !errors.Is(cause, ErrClaimLost) {
		t.Errorf("the work ended with %v", cause)
	}
	mustPassOn(t, second, "pull hub")
	taken, err := second.Claim(t.Context(), "pull hub")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.Claim(t.Context(), "pull hub"); err == nil {
		t.Error("the first has it too")
	}
	going, end := taken.Under(t.Context())
	defer end()
	if _, err := second.Apply(going, numbered(1)); err != nil {
		t.Error(err)
	}
}

func TestAReleasedClaimEndsTheWork(t *testing.T) {
	first, _ := openPair(t)
	claim, err := first.Claim(t.Context(), "pull hub")
	if err != nil {
		t.Fatal(err)
	}
	working, stop := claim.Under(t.Context())
	defer stop()
	first.Unclaim("pull hub")
	first.Unclaim("pull hub")
	<-working.Done()
	if _, err := first.Apply(context.WithoutCancel(working), numbered(0)); !errors.Is(err, ErrClaimLost) {
		t.Errorf("a batch under a claim that was given back ends with %v", err)
	}
}

// TestAnUpgradedStoreIsLeftAlone by the agent that was not upgraded.
func TestAnUpgradedStoreIsLeftAlone(t *testing.T) {
	first, second := openPair(t)
	execute(t, first, "UPDATE meta SET value = '999' WHERE name = 'schema'")
	if _, err := second.Apply(t.Context(), numbered(0)); !errors.Is(err, ErrNewer) {
		t.Errorf("the error is %v", err)
	}
	l := locate(t.TempDir())
	l.Postgres.URL = "" // the settings of a store that is nowhere
	if _, err := l.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "store.postgres") {
		t.Errorf("the error is %v", err)
	}
}

// TestABatchThatFailsLeavesNoKeyBehind: the numbers of a batch that was rolled
// back are given again, and what they name is found.
func TestABatchThatFailsLeavesNoKeyBehind(t *testing.T) {
	first, second := openPair(t)
	mustApply(t, first, numbered(0))
	execute(t, first, "ALTER TABLE sources ADD CONSTRAINT odd CHECK (cursor <> 'odd')")
	odd := numbered(1)
	odd.Cursor = []byte("odd")
	for _, s := range []*Store{first, second} {
		if _, err := s.Apply(t.Context(), odd); err == nil {
			t.Fatal("the batch was stored")
		}
		mustApply(t, s, numbered(1))
	}
	checkPair(t, first, second)
}

func TestBackupOfASharedStore(t *testing.T) {
	s, _ := openPair(t)
	if err := s.Backup(t.Context(), t.TempDir()+"/backup"); !errors.Is(err, ErrSharedBackup) || !strings.Contains(err.Error(), "pg_dump") {
		t.Errorf("the error is %v", err)
	}
}

func TestASharedStoreIsProbed(t *testing.T) {
	dir := t.TempDir()
	needsShared(t)
	openIn(t, dir)
	found, err := locate(dir).Probe(t.Context())
	if err != nil || !strings.Contains(found, "schema version ") {
		t.Errorf("it finds %q, %v", found, err)
	}
	l := locate(dir)
	l.Postgres.URL = "postgres://nobody@127.0.0.1:1/none"
	if _, err := l.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "the shared store cannot be reached") || strings.Contains(err.Error(), "\n") {
		t.Errorf("where nothing is it finds %v", err)
	}
}
