package addresslist

import (
	"fmt"
	"iter"
	"os"
	"runtime"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// TestALongListTakesLittleMemory writes a list of 600,000 addresses: next to nothing
// is held of it, and where it has to be cut, no more than twice its size.
func TestALongListTakesLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes long lists")
	}
	const n = 600_000
	view := addresses(n)
	for _, test := range []struct {
		name   string
		change func(*Settings)
		most   int64 // hundredths of the size of the whole list
	}{
		{"as it is", func(*Settings) {}, 10},
		{"joined", func(s *Settings) { s.Aggregate = true }, 10},
		{"for nftables", func(s *Settings) { s.Dialect = "nftables" }, 10},
		{"in parts", func(s *Settings) { s.Path, s.PartEntries = s.Path+"-{part}", 50_000 }, 30},
		{"cut to its half", func(s *Settings) { s.MaxEntries = n / 2 }, 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			settings := inDialect(t, "plain")
			whole := sizeOf(t, settings, view)
			test.change(settings)
			w := &watch{}
			deliverView(t, settings, w.watch(view))
			t.Logf("%d kB are held at most for a list of %d kB", w.most>>10, whole>>10)
			if w.most > whole*test.most/100 {
				t.Errorf("%d bytes are held for a list of %d", w.most, whole)
			}
		})
	}
}

// watch sees how much memory is held while a view is read.
type watch struct{ before, most int64 }

func (w *watch) watch(view iter.Seq2[indicator.Entry, error]) iter.Seq2[indicator.Entry, error] {
	return func(yield func(indicator.Entry, error) bool) {
		seen := 0
		for e, err := range view {
			if seen%100_000 == 0 {
				w.look()
			}
			seen++
			if !yield(e, err) {
				return
			}
		}
		w.look()
	}
}

func (w *watch) look() {
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	held := int64(memory.HeapAlloc)
	if w.before == 0 {
		w.before = held
	}
	w.most = max(w.most, held-w.before)
}

// sizeOf is the size of the plain list of a view.
func sizeOf(t *testing.T, settings *Settings, view iter.Seq2[indicator.Entry, error]) int64 {
	t.Helper()
	deliverView(t, settings, view)
	info, err := os.Stat(settings.Path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func deliverView(t testing.TB, settings *Settings, view iter.Seq2[indicator.Entry, error]) {
	t.Helper()
	output, err := settings.Open(plugin.Env{Name: "list"})
	if err != nil {
		t.Fatal(err)
	}
	d := outputs.Delivery{Now: outputtest.Now, All: func(outputs.Detail) iter.Seq2[indicator.Entry, error] { return view }}
	if _, err := output.Deliver(t.Context(), d); err != nil {
		t.Fatal(fmt.Errorf("delivering the view: %w", err))
	}
}

// churned yields n addresses of which one in a hundred is another than that of
// addresses.
func churned(n int) iter.Seq2[indicator.Entry, error] {
	all := addresses(n)
	return func(yield func(indicator.Entry, error) bool) {
		i := 0
		for e, err := range all {
			if i++; i%100 == 1 {
				e.Key.Value = e.Key.Prefix().Addr().Next().Next().String()
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// BenchmarkOnePercent replaces a list of 600,000 addresses by one of which a hundredth
// has changed, and writes the whole of it where there is none.
func BenchmarkOnePercent(b *testing.B) {
	const n = 600_000
	for name, bench := range map[string]struct {
		views  [2]iter.Seq2[indicator.Entry, error]
		remove bool
	}{
		"changed": {[2]iter.Seq2[indicator.Entry, error]{addresses(n), churned(n)}, false},
		"whole":   {[2]iter.Seq2[indicator.Entry, error]{addresses(n), churned(n)}, true},
	} {
		b.Run(name, func(b *testing.B) {
			settings := inDialect(b, "plain")
			for i := 0; b.Loop(); i++ {
				if bench.remove {
					_ = os.Remove(settings.Path)
				}
				deliverView(b, settings, bench.views[i%2])
			}
		})
	}
}
