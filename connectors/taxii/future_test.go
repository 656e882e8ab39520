package taxii

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/connectors"
)

// TestADateInTheFutureIsNotBelieved: a position there would hide everything that
// the hub adds until then.
func TestADateInTheFutureIsNotBelieved(t *testing.T) {
	s := &script{answers: []string{"1 5 " + envelope(true, "n", 0, 1), "2 3 " + envelope(false, "", 2, 3)}}
	c := s.play(t)
	before, err := time.Parse(time.RFC3339Nano, at("5"))
	if err != nil {
		t.Fatal(err)
	}
	began := before.Add(-2 * clockSkew) // the hub's dates lie two hours ahead
	c.now = func() time.Time { return began }
	var logged strings.Builder
	c.log = slog.New(slog.NewTextHandler(&logged, nil))
	var cursors [][]byte
	err = c.Fetch(t.Context(), connectors.State{}, func(_ context.Context, page connectors.Page) error {
		cursors = append(cursors, page.Cursor)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if stands := only(t, cursors[0]); stands.Cycle == nil || stands.Cycle.Last.After(began) {
		t.Errorf("in the middle of a cycle the position is %+v", stands)
	}
	if stands := only(t, cursors[1]); !stands.Cursor.Equal(began) {
		t.Errorf("the next pull goes on from %s, want %s", stands.Cursor, began)
	}
	if !strings.Contains(logged.String(), "in the future") {
		t.Errorf("nothing is said of it: %s", &logged)
	}
}
