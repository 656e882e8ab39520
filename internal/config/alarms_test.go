package config_test

import (
	"strings"
	"testing"

	allconnectors "github.com/indicatord/indicatord/connectors/all"
	"github.com/indicatord/indicatord/internal/config"
	alloutputs "github.com/indicatord/indicatord/outputs/all"
)

// TestTelling: alarms go where a message can be taken, and a tool is told again
// what it has, or that the agent lives, only where its plugin does that.
func TestTelling(t *testing.T) {
	for name, test := range map[string]struct{ top, output, want string }{
		"nothing":                       {"", "", ""},
		"a webhook":                     {`alarms: {webhook: {url: "https://chat.example/hook", query: {key: {env: KEY}}, body: '{"text": {{json .Text}}}'}}`, "", ""},
		"a webhook without its secret":  {`alarms: {webhook: {url: "https://chat.example/hook?key=1"}}`, "", "url: has a query"},
		"a body that is no JSON":        {`alarms: {webhook: {url: "https://chat.example/hook", body: "{{.Text}}"}}`, "", "does not give JSON"},
		"never":                         {"", `refresh: "@never", heartbeat: "@never",`, ""},
		"a list that is refreshed":      {"", `refresh: "@daily",`, "an output of type addresslist is never refreshed"},
		"a list that hears a heartbeat": {"", `heartbeat: "@every 5m",`, "has nobody to be told"},
	} {
		t.Run(name, func(t *testing.T) {
			text := "site: plant-07\n" + test.top + "\noutputs: [{name: edge, type: addresslist, " + test.output + " select: {kinds: [ip]}, settings: {path: /srv/edge.txt}}]\n"
			_, found := config.Parse("test.yaml", []byte(text), config.Plugins{Connectors: allconnectors.Specs(), Outputs: alloutputs.Specs()})
			err := found.Err()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}
