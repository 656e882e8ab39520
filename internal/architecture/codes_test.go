package architecture

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/gbt36643"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix"
	"github.com/indicatord/indicatord/internal/stix/pattern"
	"github.com/indicatord/indicatord/internal/store"
)

var update = flag.Bool("update", false, "write the documents that are made from the code")

const codesPath = "docs/reject-codes.md"

// codeTables are the tables of reject codes, from the object down to the value.
var codeTables = []struct {
	title string
	about string
	codes []indicator.CodeInfo
}{
	{"Objects", "What is wrong with a STIX object or one of its properties.", stix.Codes()},
	{"Versions", "What is wrong with one version of an object beside another.", store.Codes()},
	{"Records", "What is wrong with a record of [GB/T 36643 or ThreatBook](gbt36643.md), or gives no value in it.", gbt36643.Codes()},
	{"Patterns", "What a pattern asks that the tools of a site cannot be told as a value. The values beside it are still used.", pattern.Codes()},
	{"Values", "Why a value has no canonical form.", indicator.Codes()},
}

func TestRejectCodesAreDocumented(t *testing.T) {
	want := codesDocument()
	if *update {
		if err := os.WriteFile("../../"+codesPath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := fs.ReadFile(root, codesPath)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is behind the code; \"go test ./internal/architecture -update\" writes it anew (-want +got):\n%s", codesPath, diff)
	}
}

func codesDocument() string {
	var b strings.Builder
	b.WriteString("# Reject codes\n\n" +
		"What a hub sends and indicatord does not use is a *reject*: it is kept with its code and a detail, counted and shown, and everything " +
		"beside it goes on. A code that was released keeps its meaning.\n")
	for _, table := range codeTables {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| Code | Meaning |\n|---|---|\n", table.title, table.about)
		for _, info := range table.codes {
			fmt.Fprintf(&b, "| `%s` | %s |\n", info.Code, info.Meaning)
		}
	}
	return b.String()
}

// TestRejectCodesDiffer: codes of all packages are counted side by side.
func TestRejectCodesDiffer(t *testing.T) {
	seen := map[indicator.Code]bool{}
	for _, table := range codeTables {
		for _, info := range table.codes {
			if seen[info.Code] {
				t.Errorf("the code %s has two meanings", info.Code)
			}
			seen[info.Code] = true
			if !strings.HasSuffix(info.Meaning, ".") || strings.Contains(info.Meaning, "|") {
				t.Errorf("the meaning of %s is no sentence that fits a table: %q", info.Code, info.Meaning)
			}
		}
	}
}
