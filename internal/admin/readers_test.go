package admin

import (
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/servedlist"
)

// TestADeviceThatStoppedFetchingIsAnAlarm, and one that never began.
func TestADeviceThatStoppedFetchingIsAnAlarm(t *testing.T) {
	i := Inspector{Config: &config.Config{State: t.TempDir(), Lists: config.Lists{StaleAfter: time.Hour}}, Now: func() time.Time { return noon }}
	long := noon.Add(-2 * time.Hour)
	for name, test := range map[string]struct {
		fetch servedlist.Fetch
		stale bool
	}{
		"fetched lately":            {servedlist.Fetch{Since: long, At: noon.Add(-time.Minute)}, false},
		"fetched long ago":          {servedlist.Fetch{Since: long, At: long}, true},
		"never, and new":            {servedlist.Fetch{Since: noon}, false},
		"never, and known for long": {servedlist.Fetch{Since: long}, true},
		"not offered yet":           {servedlist.Fetch{}, false},
	} {
		o := OutputStatus{Readers: []ReaderStatus{i.reader("firewall", "edge", test.fetch)}}
		if alarms := readerAlarms(&o); (len(alarms) == 1) != test.stale {
			t.Errorf("%s: the alarms are %+v", name, alarms)
		}
	}
}

// TestEachDeviceIsAnAlarmOfItsOwn, so that the second is told of as well.
func TestEachDeviceIsAnAlarmOfItsOwn(t *testing.T) {
	o := OutputStatus{RoundStatus: RoundStatus{Name: "edge"}, Readers: []ReaderStatus{
		{Device: "firewall", List: "edge", Stale: noon}, {Device: "proxy", List: "edge"}, {Device: "resolver", List: "edge", Stale: noon},
	}}
	alarms := readerAlarms(&o)
	if len(alarms) != 2 || alarms[0].Same(alarms[1]) || alarms[1].Subject != "output/edge/resolver" {
		t.Errorf("the alarms are %+v", alarms)
	}
}
