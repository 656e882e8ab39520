package store

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// numbered is the batch with a number: the same every time, so that a batch
// that was stored but not acknowledged may come again.
func numbered(n int) Batch {
	const perBatch = 60
	b := batch()
	b.Packer = NewPacker()
	rng := rand.New(rand.NewPCG(uint64(n), 7))
	for i := range perBatch {
		o := version(fmt.Sprintf("indicator--%d-%d", n, i), 1, fmt.Sprintf("d%d.example", rng.IntN(perBatch*(n+1))))
		o = lasting(o, noon.Add(-time.Hour), noon.Add(time.Duration(rng.IntN(100))*time.Hour))
		o.Place = b.Packer.Add([]byte(o.ID))
		b.Objects = append(b.Objects, o)
	}
	if n > 0 {
		b.Objects = append(b.Objects, version(fmt.Sprintf("indicator--%d-0", n-1), 2, "changed.example"), revocation(fmt.Sprintf("indicator--%d-1", n-1), 2))
		b.Withdrawn = []string{fmt.Sprintf("indicator--%d-2", n-1)}
	}
	b.Cursor = []byte(strconv.Itoa(n))
	return b
}

// applyForEver stores numbered batches after the one of the cursor, moves a
// ledger, and prints the number of each batch once it is stored.
func applyForEver(args []string) {
	ctx := context.Background()
	s, err := open(ctx, args[0])
	exitOn(err)
	cursor, err := s.Cursor(ctx, "hub")
	exitOn(err)
	n := 0
	if cursor != nil {
		n, err = strconv.Atoi(string(cursor))
		exitOn(err)
		n++
	}
	for ; ; n++ {
		_, err := s.Apply(ctx, numbered(n))
		exitOn(err)
		fmt.Println(n)
		sequence, err := s.Sequence(ctx)
		exitOn(err)
		accepted, removed := int64(n%50+1), int64(n/2%50+1)
		changes := []LedgerChange{{Entry: accepted, Digest: uint64(accepted)}, {Entry: removed}}
		exitOn(s.Record(ctx, "list", changes, noon))
		exitOn(s.Advance(ctx, "list", Progress{Sequence: sequence, Policy: "view", Delivered: noon}))
		_, _, err = s.Sweep(ctx, noon.Add(time.Duration(n)*time.Hour))
		exitOn(err)
	}
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestKill kills a process that stores batches, again and again at any moment,
// and finds everything that it had acknowledged.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	dir := t.TempDir()
	for round := range 8 {
		acknowledged := runAndKill(t, dir, time.Duration(20+rand.IntN(150))*time.Millisecond)
		s := openIn(t, dir)
		cursor, err := s.Cursor(t.Context(), "hub")
		if err != nil {
			t.Fatal(err)
		}
		stored := -1
		if cursor != nil {
			stored, _ = strconv.Atoi(string(cursor))
		}
		if stored < acknowledged || stored > acknowledged+1 && acknowledged >= 0 {
			t.Fatalf("round %d: batch %d was acknowledged, and %d is stored", round, acknowledged, stored)
		}
		checkConsistent(t, s)
		checkStored(t, s, stored)
		closeStore(t, s)
	}
}

// runAndKill returns the last number that the process printed, -1 for none.
func runAndKill(t *testing.T, dir string, after time.Duration) int {
	t.Helper()
	cmd, lines := process(t, "apply", dir)
	acknowledged := -1
	var once bool
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatalf("the process said %q", lines.Text())
		}
		acknowledged = n
		if !once {
			once = true
			time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the process ended by itself: %v", err)
	}
	return acknowledged
}

// checkStored compares what is live with a store that was never killed.
func checkStored(t *testing.T, s *Store, last int) {
	t.Helper()
	whole := openTest(t)
	for n := range last + 1 {
		mustApply(t, whole, numbered(n))
	}
	want, got := said(t, whole), said(t, s)
	if len(want) != len(got) {
		t.Errorf("%d assertions are stored, want %d", len(got), len(want))
	}
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			t.Fatalf("stored is %q, want %q", got[i], want[i])
		}
	}
	for _, r := range collect(t, s.Entries(t.Context(), Reading{Output: "list"})) {
		if r.Delivered != 0 && r.Delivered != uint64(r.ID) {
			t.Errorf("the ledger has %d for entry %d", r.Delivered, r.ID)
		}
	}
}

// fillDisk stores batches until the disk is full, which a limit on the size of
// files stands for, then makes room and goes on.
func fillDisk(args []string) {
	ctx := context.Background()
	signal.Ignore(unix.SIGXFSZ)
	s, err := open(ctx, args[0])
	exitOn(err)
	var old unix.Rlimit
	exitOn(unix.Getrlimit(unix.RLIMIT_FSIZE, &old))
	exitOn(unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 400_000, Max: old.Max}))
	n := 0
	for ; err == nil; n++ {
		_, err = s.Apply(ctx, numbered(n))
	}
	n--
	fmt.Println("full at", n, err)
	for range 3 {
		if _, err := s.Apply(ctx, numbered(n)); err == nil {
			fmt.Println("the disk is full, and a batch was stored")
		}
	}
	cursor, err := s.Cursor(ctx, "hub")
	fmt.Printf("cursor %s %v\n", cursor, err)
	exitOn(unix.Setrlimit(unix.RLIMIT_FSIZE, &old))
	for more := range 3 {
		_, err := s.Apply(ctx, numbered(n+more))
		exitOn(err)
	}
	exitOn(s.Close())
	fmt.Println("done")
}

// TestDiskFull: a batch that does not fit fails cleanly, and fits when there is
// room again, in the same process.
func TestDiskFull(t *testing.T) {
	onlySQLite(t, "the limit is on the files of this process")
	dir := t.TempDir()
	cmd, lines := process(t, "fill", dir)
	var output bytes.Buffer
	for lines.Scan() {
		fmt.Fprintln(&output, lines.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v after:\n%s", err, &output)
	}
	var full int
	said := strings.Split(strings.TrimSpace(output.String()), "\n")
	if _, err := fmt.Sscanf(said[0], "full at %d", &full); err != nil || full < 1 || !strings.Contains(said[0], "storing a batch of hub") {
		t.Fatalf("it said:\n%s", &output)
	}
	if len(said) != 3 || said[1] != fmt.Sprintf("cursor %d <nil>", full-1) || said[2] != "done" {
		t.Fatalf("it said:\n%s", &output)
	}
	s := openIn(t, dir)
	checkConsistent(t, s)
	checkStored(t, s, full+2)
}
