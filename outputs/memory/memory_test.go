package memory_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/memory"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

func TestConformance(t *testing.T) {
	for _, takes := range []memory.Takes{memory.Changes, memory.Lists} {
		t.Run(string(takes), func(t *testing.T) { conform(t, takes) })
	}
}

func conform(t *testing.T, takes memory.Takes) {
	outputtest.Run(t, outputtest.Suite{
		Spec: memory.Spec(nil),
		New: func(t *testing.T) outputtest.Tool {
			tool := new(memory.Tool)
			settings := memory.Spec(map[string]*memory.Tool{"memory": tool}).Settings().(*memory.Settings)
			settings.Takes = takes
			return outputtest.Tool{
				Settings: settings,
				Read:     func(*testing.T) []indicator.Key { return tool.Keys() },
				Break: func(*testing.T) func() {
					tool.Fail(errors.New("out of order"))
					return tool.Mend
				},
			}
		},
	})
}

// TestConformanceAsLog reads the tool's changes as the log that an append-only
// tool would hold.
func TestConformanceAsLog(t *testing.T) {
	outputtest.Run(t, outputtest.Suite{
		Spec: memory.Spec(nil),
		New: func(t *testing.T) outputtest.Tool {
			tool := new(memory.Tool)
			return outputtest.Tool{
				Settings: memory.Spec(map[string]*memory.Tool{"memory": tool}).Settings(),
				Events: func(*testing.T) []outputtest.Event {
					var events []outputtest.Event
					for _, change := range tool.Changes() {
						events = append(events, outputtest.Event{Op: change.Op, Key: change.Entry.Key})
					}
					return events
				},
			}
		},
	})
}

func TestValidateNamesTheWords(t *testing.T) {
	settings := memory.Spec(nil).Settings().(*memory.Settings)
	settings.Takes = "half"
	var field *plugin.FieldError
	if err := settings.Validate(); !errors.As(err, &field) || field.Path != "takes" {
		t.Errorf("Validate() = %v, want an error of the key takes", err)
	}
}

func TestFailOnceForEachError(t *testing.T) {
	tool := new(memory.Tool)
	output := memory.New(tool, memory.Changes)
	down, gone := errors.New("down"), plugin.Permanent(errors.New("gone"))
	tool.Fail(down, gone)
	view := outputtest.NewView(outputtest.Entries(1, 3)...)

	if _, err := output.Deliver(t.Context(), view.Delivery()); !errors.Is(err, down) {
		t.Errorf("first delivery: %v, want %v", err, down)
	}
	if _, err := output.Deliver(t.Context(), view.Delivery()); !plugin.IsPermanent(err) {
		t.Errorf("second delivery: %v, want a permanent error", err)
	}
	if held := tool.Keys(); len(held) != 0 {
		t.Errorf("a failed delivery left %v", held)
	}
	if _, err := output.Deliver(t.Context(), view.Delivery()); err != nil {
		t.Errorf("third delivery: %v", err)
	}
	if got := tool.Deliveries(); got != 3 {
		t.Errorf("Deliveries() = %d, want 3", got)
	}
}

func TestRefuseSomeEntries(t *testing.T) {
	for _, takes := range []memory.Takes{memory.Changes, memory.Lists} {
		t.Run(string(takes), func(t *testing.T) {
			tool := new(memory.Tool)
			tool.Refuse(func(e indicator.Entry) *outputs.Refusal {
				if e.Key.Kind == indicator.MD5 {
					return &outputs.Refusal{Reason: "too weak", Final: true}
				}
				return nil
			})
			md5 := outputtest.NewEntry(indicator.MD5, "0a1b2c3d0a1b2c3d0a1b2c3d0a1b2c3d")
			ip := outputtest.NewEntry(indicator.IP, "45.155.7.9")
			view := outputtest.NewView(md5, ip)

			receipt, err := memory.New(tool, takes).Deliver(t.Context(), view.Delivery())
			var partial *outputs.PartialError
			if !errors.As(err, &partial) {
				t.Fatalf("Deliver: %v, want a partial error", err)
			}
			want := []outputs.Refusal{{Key: md5.Key, Reason: "too weak", Final: true}}
			if diff := cmp.Diff(want, partial.Refused); diff != "" {
				t.Errorf("refused (-want +got):\n%s", diff)
			}
			if receipt.Written != 1 || receipt.Held != 1 {
				t.Errorf("receipt %+v, want one entry written and held", receipt)
			}
		})
	}
}

func TestBlockUntilReleased(t *testing.T) {
	tool := new(memory.Tool)
	output := memory.New(tool, memory.Changes)
	release := tool.Block()
	view := outputtest.NewView(outputtest.Entries(1, 3)...)

	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := output.Deliver(short, view.Delivery()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a blocked delivery returned %v, want the end of its context", err)
	}
	release()
	release() // A second call does no harm, so that it can be deferred.
	if _, err := output.Deliver(t.Context(), view.Delivery()); err != nil {
		t.Errorf("after release: %v", err)
	}
}

func TestVerifyNamesTheDifference(t *testing.T) {
	entries := outputtest.Entries(1, 4)
	view := outputtest.NewView(entries[:3]...)
	tool := new(memory.Tool)
	output := memory.New(tool, memory.Changes)
	if _, err := output.Deliver(t.Context(), view.Delivery()); err != nil {
		t.Fatal(err)
	}
	view.Remove("revoked", entries[0].Key)
	view.Put(entries[1], entries[3])

	got, err := output.Verify(t.Context(), view.Delivery())
	if err != nil {
		t.Fatal(err)
	}
	want := outputs.Difference{
		Wanted: 3, Present: 3,
		Missing: []indicator.Key{entries[3].Key},
		Extra:   []indicator.Key{entries[0].Key},
		Changed: []indicator.Key{entries[1].Key},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

func TestClearForgets(t *testing.T) {
	tool := new(memory.Tool)
	view := outputtest.NewView(outputtest.Entries(1, 3)...)
	if _, err := memory.New(tool, memory.Lists).Deliver(t.Context(), view.Delivery()); err != nil {
		t.Fatal(err)
	}
	tool.Clear()
	if held := tool.Keys(); len(held) != 0 {
		t.Errorf("after Clear the tool holds %v", held)
	}
}
