package outputtest

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/outputs"
)

// testSample reads the sample as the beginning of a configuration. It begins
// with "outputs:" and holds one output. A comment is a whole sentence after
// "# "; what stands after a "#" alone is a key with its default, and the sample
// means the same when these keys are uncommented.
func (suite Suite) testSample(t *testing.T) {
	checkREADME(t, suite.Spec.Sample)
	sample := parseSample(t, suite.Spec, suite.Spec.Sample)
	if len(sample) != 1 || sample[0].Type != suite.Spec.Name {
		t.Fatalf("the sample holds %d outputs, want one of type %s", len(sample), suite.Spec.Name)
	}
	whole := parseSample(t, suite.Spec, defaults.ReplaceAllString(suite.Spec.Sample, "$1$2"))
	if got, want := whole[0].Settings, sample[0].Settings; !reflect.DeepEqual(got, want) {
		t.Errorf("a key after # is not the default:\nuncommented %+v\nas it is    %+v", got, want)
	}
}

// checkREADME checks that a README that shows a configuration shows the sample,
// as it is. Tests run in the folder of their package.
func checkREADME(t *testing.T, sample string) {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatalf("the folder has no README: %v", err)
	}
	_, shown, found := strings.Cut(string(readme), "```yaml\n")
	if found && !strings.HasPrefix(shown, sample+"```") {
		t.Error("README.md does not show sample.yaml as it is")
	}
}

// defaults finds the keys that are commented out.
var defaults = regexp.MustCompile(`(?m)^( *)#([^ #].*)$`)

func parseSample(t *testing.T, spec outputs.Spec, text string) []config.Output {
	t.Helper()
	found, problems := config.Parse("sample.yaml",
		[]byte("site: plant-07\nconnectors: []\n"+text),
		config.Plugins{Outputs: []outputs.Spec{spec}})
	if found == nil {
		t.Fatalf("the sample is not a configuration:\n%v", problems)
	}
	return found.Outputs
}
