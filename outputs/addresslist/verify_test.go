package addresslist

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

func TestVerify(t *testing.T) {
	ip := func(value string) indicator.Key { return indicator.Key{Kind: indicator.IP, Value: value} }
	line := func(text string) indicator.Key { return indicator.Key{Kind: indicator.Other, Value: text} }
	tests := []struct {
		name, dialect string
		change        func(path, text string) error
		want          outputs.Difference
	}{
		{"as it was", "plain", func(string, string) error { return nil }, outputs.Difference{Wanted: 2, Present: 2}},
		{"removed", "plain", func(path, _ string) error { return os.Remove(path) }, outputs.Difference{Wanted: 2, Missing: []indicator.Key{ip("45.155.7.9"), ip("45.155.7.11")}}},
		{
			"a line changed", "plain", replacing("45.155.7.11", "45.155.7.12"),
			outputs.Difference{Wanted: 2, Present: 2, Missing: []indicator.Key{ip("45.155.7.11")}, Extra: []indicator.Key{line("45.155.7.12")}},
		},
		{"a line added", "cidr", replacing("45.155.7.9/32\n", "45.155.7.9/32\n1.2.3.4/32\n"), outputs.Difference{Wanted: 2, Present: 3, Extra: []indicator.Key{line("1.2.3.4/32")}}},
		{"a line between others", "nftables", replacing("45.155.7.9,\n", ""), outputs.Difference{Wanted: 2, Present: 1, Missing: []indicator.Key{ip("45.155.7.9")}}},
		{"a zone keeps its serial", "rpz", replacing("32.9.7.155.45.rpz-ip CNAME .\n", ""), outputs.Difference{Wanted: 2, Present: 1, Missing: []indicator.Key{ip("45.155.7.9")}}},
		{
			"what nobody has taken back", "zeek", replacing("45.155.7.9\t", "1.2.3.4\t"),
			outputs.Difference{Wanted: 2, Present: 2, Missing: []indicator.Key{ip("45.155.7.9")}, Extra: []indicator.Key{line("1.2.3.4\tIntel::ADDR\tindicatord\t-\tF\tF")}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := inDialect(t, test.dialect)
			view := entries(indicator.IP, "45.155.7.9", "45.155.7.11")
			deliverTo(t, settings, view...)
			if err := test.change(settings.Path, read(t, settings.Path)); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(settings.Path)
			got, err := opened(t, settings).(outputs.Verifier).Verify(t.Context(), delivery(view...))
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
				t.Errorf("Verify (-want +got):\n%s%v", diff, err)
			}
			if after, _ := os.ReadFile(settings.Path); string(after) != string(before) {
				t.Error("Verify has changed the list")
			}
			if left, _ := filepath.Glob(filepath.Join(filepath.Dir(settings.Path), ".*tmp")); len(left) > 0 {
				t.Errorf("Verify has left %v", left)
			}
		})
	}
}

// replacing edits a list.
func replacing(old, now string) func(path, text string) error {
	return func(path, text string) error {
		return os.WriteFile(path, []byte(strings.Replace(text, old, now, 1)), 0o644)
	}
}
