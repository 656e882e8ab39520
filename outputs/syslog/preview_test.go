package syslog

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

func TestPreviewTellsWhatCannotBeSaid(t *testing.T) {
	r := newReceiver(t)
	long := outputtest.NewEntry(indicator.URL, "http://a.example/"+strings.Repeat("a", 9000))
	got := map[string]string{}
	preview := open(t, r.address(), nil).(outputs.Previewer)
	err := preview.Preview(t.Context(), viewOf(now, long, outputtest.NewEntry(indicator.IP, "192.0.2.7")), func(k indicator.Key, reason string) { got[k.Value] = reason })
	if diff := cmp.Diff(map[string]string{long.Key.Value: tooLong}, got); err != nil || diff != "" {
		t.Errorf("%v, left out (-want +got):\n%s", err, diff)
	}
	if n := r.connections(); n != 0 {
		t.Errorf("%d connections, want none", n)
	}
}
