package outputtest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/plugin"
)

// testSettings checks what a spec promises of itself and of its settings.
func (suite Suite) testSettings(t *testing.T) {
	spec := suite.Spec
	if spec.Name == "" || spec.Sample == "" {
		t.Errorf("the spec lacks its name or its sample: name %q, sample of %d bytes", spec.Name, len(spec.Sample))
	}
	if !strings.HasSuffix(spec.Summary, ".") {
		t.Errorf("the summary %q is not one sentence with a full stop", spec.Summary)
	}
	if spec.Settings() == spec.Settings() {
		t.Error("Settings returns the same pointer twice: two outputs would share their settings")
	}
	for _, err := range leaves(spec.Settings().Validate()) {
		if _, ok := errors.AsType[*plugin.FieldError](err); !ok {
			t.Errorf("Validate does not say which key is wrong: %v", err)
		}
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

// testOpenTouchesNothing checks that opening makes no directory for the
// plugin's state: the first delivery may.
func (suite Suite) testOpenTouchesNothing(t *testing.T) {
	s := newSession(t, suite, nil)
	if _, err := os.Stat(s.state); err == nil {
		t.Errorf("Open made the directory %s", filepath.Base(s.state))
	}
	s.holdsKeys(nil)
}
