package architecture

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// releasedPath lists every code that a store or a script of a site may know, one
// a line. The list only grows.
const releasedPath = "testdata/reject-codes.txt"

// TestReleasedCodesStay: what was released is never renamed nor taken away. With
// -update, new codes are added.
func TestReleasedCodesStay(t *testing.T) {
	text, err := os.ReadFile(releasedPath)
	if err != nil {
		t.Fatal(err)
	}
	released := strings.Fields(string(text))
	var codes []string
	for _, table := range codeTables {
		for _, info := range table.codes {
			codes = append(codes, string(info.Code))
		}
	}
	for _, code := range released {
		if !slices.Contains(codes, code) {
			t.Errorf("the code %s was released, and is no more", code)
		}
	}
	fresh := slices.DeleteFunc(codes, func(code string) bool { return slices.Contains(released, code) })
	if *update && len(fresh) > 0 {
		all := strings.Join(append(released, fresh...), "\n") + "\n"
		if err := os.WriteFile(releasedPath, []byte(all), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if len(fresh) > 0 {
		t.Errorf("%v are not in %s: -update adds them", fresh, releasedPath)
	}
}
