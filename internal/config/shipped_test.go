package config_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	allconnectors "github.com/indicatord/indicatord/connectors/all"
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/neverblock"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/store/postgres"
	"github.com/indicatord/indicatord/internal/webhook"
	alloutputs "github.com/indicatord/indicatord/outputs/all"
)

const shippedPath = "../../configs/indicatord.yaml"

func readShipped(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(shippedPath)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// commented finds the keys that the shipped file leaves at their defaults.
var commented = regexp.MustCompile(`(?m)^( *)#([^ #\n].*|  +\S.*)$`)

func uncomment(text string) string { return commented.ReplaceAllString(text, "$1$2") }

func load(t *testing.T, text string) *config.Config {
	t.Helper()
	plugins := config.Plugins{Connectors: allconnectors.Specs(), Outputs: alloutputs.Specs()}
	got, problems := config.Parse("indicatord.yaml", []byte(text), plugins)
	if len(problems) > 0 {
		t.Errorf("the shipped configuration has problems:\n%v", problems)
	}
	if got == nil {
		t.FailNow()
	}
	return got
}

func TestShippedConfigurationLoads(t *testing.T) {
	load(t, readShipped(t))
}

func TestShippedConfigurationShowsDefaults(t *testing.T) {
	asIs, whole := load(t, readShipped(t)), load(t, uncomment(readShipped(t)))
	if len(whole.Outputs) != len(alloutputs.Specs()) {
		t.Errorf("it shows %d outputs, and %d are built in", len(whole.Outputs), len(alloutputs.Specs()))
	}
	if asIs.State != whole.State || asIs.Log != whole.Log {
		t.Errorf("the top of the file shows %q and %v, the defaults are %q and %v", whole.State, whole.Log, asIs.State, asIs.Log)
	}
	if diff := cmp.Diff(asIs.NeverBlock, whole.NeverBlock, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("what never_block shows is not the default (-default +shown):\n%s", diff)
	}
	got, want := whole.Connectors[0], asIs.Connectors[0]
	if diff := cmp.Diff(describe(want), describe(got)); diff != "" {
		t.Errorf("what the connector shows is not the default (-default +shown):\n%s", diff)
	}
	if diff := cmp.Diff(asIs.Outputs[0].Select, whole.Outputs[0].Select, cmpopts.EquateEmpty()); diff != "" || asIs.Outputs[0].Schedule.String() != whole.Outputs[0].Schedule.String() {
		t.Errorf("what the output shows is not the default (-default +shown):\n%s", diff)
	}
}

// describe writes the keys of a connector that have defaults.
func describe(c config.Connector) []any {
	return []any{
		c.Schedule.String(), c.Jitter, c.Timeout, c.Lifetime, c.UnmarkedTLP, c.UnknownTLP, c.BareDomains, c.Refang,
		c.AllowReserved, c.WidestIPv4, c.WidestIPv6, c.Patterns.Reading(), c.Patterns.Reduction(),
		c.Reconcile.Schedule.String(), c.Reconcile.MaxWithdraw.String(),
	}
}

func TestShippedConfigurationHasEveryKey(t *testing.T) {
	text := uncomment(readShipped(t))
	for _, block := range []any{config.Config{}, postgres.Settings{}, neverblock.Block{}, config.Log{}, config.Lists{}, config.Alarms{}, webhook.Settings{}, config.Connector{}, config.Patterns{}, config.Reconcile{}, config.Output{}, policy.Select{}} {
		for field := range reflect.TypeOf(block).Fields() {
			key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			if key == "" || key == "-" { // an inline block has its own place
				continue
			}
			if !regexp.MustCompile(`(?m)^[ -]*` + key + `:`).MatchString(text) {
				t.Errorf("it lacks the key %q of %T", key, block)
			}
		}
	}
}
