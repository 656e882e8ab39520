package outputtest

import (
	"context"
	"errors"
	"iter"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/memory"
)

// faults are outputs that each break one rule of the contract, and the test of
// the suite that has to notice.
var faults = []struct {
	name   string
	caught string
	takes  memory.Takes
	wrap   func(good outputs.Output, tool *memory.Tool) deliverFunc
}{
	{"removals are ignored", "AddUpdateRemove", memory.Changes, ignoringRemovals},
	{"one kind is lost without a word", "EveryShapeIsHeldOrCounted", memory.Changes, losingMutexes},
	{"a long delivery is cut off", "TenThousandEntries", memory.Changes, cuttingOff},
	{"an error is taken for the end", "ErrorInTheSequence", memory.Lists, takingErrorForEnd},
	{"an error is taken for an empty view", "ErrorAtOnce", memory.Lists, takingErrorForEnd},
	{"the list is written while it is read", "ErrorInTheSequence", memory.Lists, writingWhileReading},
	{"the same list is written again", "SameDeliveryTwice", memory.Lists, alwaysWriting},
	{"the context is ignored", "CancelledInTheMiddle", memory.Changes, ignoringContext},
	{"the context is ignored at first", "CancelledBefore", memory.Lists, ignoringContext},
	{"a start forgets what the tool holds", "Restart", memory.Changes, forgettingAtStart},
	{"a newline in a name begins an entry", "HostileText", memory.Changes, injectable},
	{"a failure is hidden", "ToolBroken", memory.Changes, hidingFailure},
	{"the place shows the secret", "FirstDelivery", memory.Changes, showingSecret},
	{"a goroutine is left behind", "FirstDelivery", memory.Changes, leakingGoroutine},
}

const faultVariable = "INDICATORD_OUTPUTTEST_FAULT"

// TestSuiteFindsFaults runs the suite on each faulty output in a process of its
// own, where it has to fail in the right place.
func TestSuiteFindsFaults(t *testing.T) {
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			run := "^TestFaultyOutput$/^(EveryShapeIsHeldOrCounted|" + fault.caught + ")$"
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run="+run)
			cmd.Env = append(os.Environ(), faultVariable+"="+fault.name)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL: TestFaultyOutput/"+fault.caught) {
				t.Errorf("the suite passed (%v), want it to fail in %s:\n%s", err, fault.caught, out)
			}
		})
	}
}

func TestFaultyOutput(t *testing.T) {
	name := os.Getenv(faultVariable)
	for _, fault := range faults {
		if fault.name != name {
			continue
		}
		patience = 200 * time.Millisecond
		Run(t, Suite{
			Spec: memory.Spec(nil),
			New: func(*testing.T) Tool {
				tool := new(memory.Tool)
				return Tool{
					Settings: faulty{fault.wrap(memory.New(tool, fault.takes), tool)},
					Read:     func(*testing.T) []indicator.Key { return tool.Keys() },
					Break: func(*testing.T) func() {
						tool.Fail(errors.New("out of order"))
						return tool.Mend
					},
					Secret: "hunter2",
				}
			},
		})
	}
}

// deliverFunc is an output that is one function.
type deliverFunc func(context.Context, outputs.Delivery) (outputs.Receipt, error)

func (f deliverFunc) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	return f(ctx, d)
}

// faulty are settings that open the output.
type faulty struct{ output deliverFunc }

func (faulty) Validate() error { return nil }

func (f faulty) Open(plugin.Env) (outputs.Output, error) { return f.output, nil }

// filtered delivers only the changes that keep lets through.
func filtered(good outputs.Output, keep func(i int, c outputs.Change) bool) deliverFunc {
	return func(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
		changes := d.Changes
		d.Changes = func(yield func(outputs.Change, error) bool) {
			i := 0
			for c, err := range changes {
				if i++; (err != nil || keep(i, c)) && !yield(c, err) {
					return
				}
			}
		}
		return good.Deliver(ctx, d)
	}
}

func ignoringRemovals(good outputs.Output, _ *memory.Tool) deliverFunc {
	return filtered(good, func(_ int, c outputs.Change) bool { return c.Op != outputs.Remove })
}

func losingMutexes(good outputs.Output, _ *memory.Tool) deliverFunc {
	return filtered(good, func(_ int, c outputs.Change) bool { return c.Entry.Key.Kind != indicator.Mutex })
}

func cuttingOff(good outputs.Output, _ *memory.Tool) deliverFunc {
	return filtered(good, func(i int, _ outputs.Change) bool { return i <= 1000 })
}

func takingErrorForEnd(good outputs.Output, _ *memory.Tool) deliverFunc {
	return withList(good, func(list iter.Seq2[indicator.Entry, error], yield func(indicator.Entry, error) bool) {
		for e, err := range list {
			if err != nil || !yield(e, nil) {
				return
			}
		}
	})
}

func writingWhileReading(good outputs.Output, tool *memory.Tool) deliverFunc {
	return withList(good, func(list iter.Seq2[indicator.Entry, error], yield func(indicator.Entry, error) bool) {
		for e, err := range list {
			if err != nil {
				tool.Clear()
			}
			if !yield(e, err) {
				return
			}
		}
	})
}

// withList delivers what through makes of the list.
func withList(good outputs.Output, through func(iter.Seq2[indicator.Entry, error], func(indicator.Entry, error) bool)) deliverFunc {
	return func(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
		all := d.All
		d.All = func(detail outputs.Detail) iter.Seq2[indicator.Entry, error] {
			return func(yield func(indicator.Entry, error) bool) { through(all(detail), yield) }
		}
		return good.Deliver(ctx, d)
	}
}

// altered delivers and lets alter change the answer.
func altered(good outputs.Output, alter func(*outputs.Receipt, *error)) deliverFunc {
	return func(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
		receipt, err := good.Deliver(ctx, d)
		alter(&receipt, &err)
		return receipt, err
	}
}

func alwaysWriting(good outputs.Output, _ *memory.Tool) deliverFunc {
	return altered(good, func(r *outputs.Receipt, _ *error) { r.Written = r.Held })
}

func hidingFailure(good outputs.Output, _ *memory.Tool) deliverFunc {
	return altered(good, func(_ *outputs.Receipt, err *error) { *err = nil })
}

func showingSecret(good outputs.Output, _ *memory.Tool) deliverFunc {
	return altered(good, func(r *outputs.Receipt, _ *error) { r.Where = "tcp://admin:hunter2@127.0.0.1" })
}

func leakingGoroutine(good outputs.Output, _ *memory.Tool) deliverFunc {
	return altered(good, func(*outputs.Receipt, *error) { go func() { select {} }() })
}

func ignoringContext(good outputs.Output, _ *memory.Tool) deliverFunc {
	return func(_ context.Context, d outputs.Delivery) (outputs.Receipt, error) {
		return good.Deliver(context.Background(), d)
	}
}

func forgettingAtStart(good outputs.Output, tool *memory.Tool) deliverFunc {
	return func(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
		if d.First {
			tool.Clear()
		}
		return good.Deliver(ctx, d)
	}
}

func injectable(good outputs.Output, _ *memory.Tool) deliverFunc {
	return func(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
		var changes []outputs.Change
		for c, err := range d.Changes {
			if err != nil {
				return outputs.Receipt{}, err
			}
			changes = append(changes, c)
			if _, forged, found := strings.Cut(c.Entry.Assertions[0].Object.Name, "\n"); found {
				changes = append(changes, outputs.Change{Op: outputs.Add, Entry: NewEntry(indicator.Other, forged)})
			}
		}
		d.Changes = Sequence(changes, nil)
		return good.Deliver(ctx, d)
	}
}
