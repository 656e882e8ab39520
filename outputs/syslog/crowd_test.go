package syslog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// TestNoHubKeepsAValueFromTheReceiver: however much a hub says of a value, the
// event about it is sent, and parses.
func TestNoHubKeepsAValueFromTheReceiver(t *testing.T) {
	long := strings.Repeat("\u202e\"=|\\^", 1<<12)
	flooded := assertion()
	flooded.Object = &indicator.Object{
		ID: long, Name: long, Description: long, Pattern: long, Labels: []string{long}, Types: []string{long}, Remainder: []string{long},
		Threats: []indicator.Threat{{Name: long}}, References: []indicator.Reference{{URL: long}},
	}
	var crowd []indicator.Assertion
	for i := range 500 {
		a := assertion()
		a.Object = &indicator.Object{ID: fmt.Sprintf("indicator--%036d", i), Name: fmt.Sprintf("name %d", i), References: []indicator.Reference{{URL: fmt.Sprintf("https://a.example/%d", i)}}}
		crowd = append(crowd, a)
	}
	for _, kind := range []indicator.Kind{indicator.IP, indicator.URL, indicator.Domain, indicator.SHA256} {
		value := map[indicator.Kind]string{indicator.IP: "192.0.2.7", indicator.URL: "http://a.example/b", indicator.Domain: "a.example", indicator.SHA256: strings.Repeat("0", 64)}[kind]
		for name, assertions := range map[string][]indicator.Assertion{"long texts": {flooded}, "many objects": crowd} {
			c := change(outputs.Add, kind, value, assertions...)
			e := ofChange("plant-07", now, &c)
			for _, n := range append(notations(), inGBK()...) {
				line, unsaid := n.formatter(t, 1472).appendEvent(nil, &e)
				if unsaid != "" {
					t.Errorf("%s, %s of %s: not sent: %s", n.name, name, kind, unsaid)
				} else if _, err := n.read(string(line)); err != nil {
					t.Errorf("%s, %s of %s: %v", n.name, name, kind, err)
				}
			}
		}
	}
}
