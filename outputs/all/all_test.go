package all

import (
	"cmp"
	"slices"
	"testing"

	"github.com/indicatord/indicatord/outputs"
)

func TestSpecsAreSortedAndDiffer(t *testing.T) {
	specs := Specs()
	if !slices.IsSortedFunc(specs, func(a, b outputs.Spec) int { return cmp.Compare(a.Name, b.Name) }) {
		t.Error("the outputs are not sorted by their names")
	}
	seen := map[string]bool{}
	for _, spec := range specs {
		if seen[spec.Name] {
			t.Errorf("the output %s is listed twice", spec.Name)
		}
		seen[spec.Name] = true
	}
}
