package connectortest

import (
	"errors"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/plugin"
)

// settings checks what a spec promises of itself and of its settings.
func (s Suite) settings(t *testing.T) {
	if s.Spec.Name == "" || !strings.HasSuffix(s.Spec.Summary, ".") {
		t.Errorf("name %q, summary %q: want a name, and one sentence with a full stop", s.Spec.Name, s.Spec.Summary)
	}
	if s.Spec.Settings() == s.Spec.Settings() {
		t.Error("Settings returns the same pointer twice: two connectors would share their settings")
	}
	for _, err := range leaves(s.Spec.Settings().Validate()) {
		if _, ok := errors.AsType[*plugin.FieldError](err); !ok {
			t.Errorf("Validate does not say which key is wrong: %v", err)
		}
	}
	sample := "site: test\n" + s.Spec.Sample
	_, found := config.Parse("sample.yaml", []byte(sample), config.Plugins{Connectors: []connectors.Spec{s.Spec}})
	if err := found.Err(); err != nil {
		t.Errorf("the sample is not a configuration:\n%v", err)
	}
}

// leaves returns the errors that were joined.
func leaves(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	switch {
	case err == nil:
		return nil
	case !ok:
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, leaves(e)...)
	}
	return all
}
