package neverblock_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/neverblock"
	"github.com/indicatord/indicatord/internal/neverblock/list"
	"github.com/indicatord/indicatord/internal/neverblock/shipped"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

// quiet is a block that asks nothing of the machine.
func quiet() neverblock.Block {
	b := neverblock.Default()
	b.Discover = false
	return b
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func rules(t *testing.T, b neverblock.Block) ([]guard.Rule, []neverblock.Problem) {
	t.Helper()
	made, problems, err := neverblock.Rules(t.Context(), b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made, problems
}

// listsOf returns the names of the lists in the order of their rules.
func listsOf(rules []guard.Rule) []string {
	var names []string
	for _, r := range rules {
		if !slices.Contains(names, r.List.Name) {
			names = append(names, r.List.Name)
		}
	}
	return names
}

func TestRulesHaveTheShippedSetsByThemselves(t *testing.T) {
	made, problems := rules(t, quiet())
	if diff := cmp.Diff(shipped.Names(), listsOf(made)); diff != "" || len(problems) > 0 {
		t.Errorf("%v\n%s", problems, diff)
	}
}

func TestRulesLeaveOutASet(t *testing.T) {
	b := quiet()
	b.Except = []string{"top-domains"}
	made, _ := rules(t, b)
	if names := listsOf(made); slices.Contains(names, "top-domains") || len(names) != len(shipped.Names())-1 {
		t.Errorf("the lists are %v", names)
	}
}

// TestTheWordOfTheSiteComesFirst: it names its own reason for what a shipped set
// protects too.
func TestTheWordOfTheSiteComesFirst(t *testing.T) {
	b := quiet()
	b.Prefixes, b.Domains = []string{"8.8.8.8", "192.0.2.1-192.0.2.3"}, []string{".plant.example.cn"}
	b.Files = []string{write(t, filepath.Join(t.TempDir(), "partners.txt"), "203.0.114.7 # the dispatcher\n")}
	b.Warninglists = t.TempDir()
	write(t, filepath.Join(b.Warninglists, "mine.json"), `{"name": "Mine", "type": "cidr", "list": ["198.18.0.1", "x"]}`)
	made, problems := rules(t, b)
	want := slices.Concat([]string{"configuration", "partners"}, shipped.Names(), []string{"mine"})
	if diff := cmp.Diff(want, listsOf(made)); diff != "" {
		t.Error(diff)
	}
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "mine.json: 1 entries are not used") {
		t.Errorf("the problems are %v", problems)
	}
	set := guard.Compile(slices.Values(made), b.Options())
	for value, want := range map[string]string{
		"8.8.8.8":              "8.8.8.8, list configuration is protected",
		"192.0.2.3":            "192.0.2.3, list configuration is protected",
		"a.b.plant.example.cn": "a.b.plant.example.cn would block what is protected: .plant.example.cn, list configuration",
		"203.0.114.7":          "203.0.114.7 (the dispatcher), list partners is protected",
	} {
		c, err := indicator.CanonProtected(value)
		if err != nil {
			t.Fatal(err)
		}
		if found := set.Check(c.Key, c.Scope); value != "192.0.2.3" && found.Reason() != want || !found.Held() {
			t.Errorf("of %s it says %q, want %q", value, found.Reason(), want)
		}
	}
}

func TestWarninglistsOfTheRepository(t *testing.T) {
	for _, below := range []string{"", "lists"} {
		b := quiet()
		b.Warninglists = t.TempDir()
		write(t, filepath.Join(b.Warninglists, below, "rfc1918", "list.json"), `{"name": "RFC 1918", "type": "cidr", "list": ["10.0.0.0/8"]}`)
		made, _ := rules(t, b)
		if got := made[len(made)-1]; got.List.Name != "rfc1918" || got.String() != "10.0.0.0/8" {
			t.Errorf("the last rule is %s of %s", got.String(), got.List.Name)
		}
	}
}

// TestWhatTheSiteProtectsIsNotForgotten: a list that cannot be read is an error,
// and all errors are told at once.
func TestWhatTheSiteProtectsIsNotForgotten(t *testing.T) {
	dir := t.TempDir()
	b := quiet()
	b.Files = []string{write(t, filepath.Join(dir, "bad.txt"), "10.0.0.0/8\n10.0.0.0/40\n"), filepath.Join(dir, "gone.txt")}
	b.Warninglists = filepath.Join(dir, "lists")
	write(t, filepath.Join(b.Warninglists, "bad.json"), "\n[]")
	made, _, err := neverblock.Rules(context.Background(), b, nil)
	if made != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%d rules: %v", len(made), err)
	}
	for _, want := range []string{"bad.txt:2: ", "gone.txt", "bad.json:2: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("it lacks %s: %v", want, err)
		}
	}
	if at, ok := errors.AsType[*list.LineError](err); !ok || at.Line != 2 {
		t.Errorf("the line is %+v", at)
	}
}

func TestAFolderWithoutWarninglistsIsAnError(t *testing.T) {
	for _, folder := range []string{t.TempDir(), filepath.Join(t.TempDir(), "gone")} {
		b := quiet()
		b.Warninglists = folder
		if _, _, err := neverblock.Rules(t.Context(), b, nil); err == nil || !strings.Contains(err.Error(), folder) {
			t.Errorf("%s gives %v", folder, err)
		}
	}
}

func TestAListIsNotTooLarge(t *testing.T) {
	b := quiet()
	b.Files = []string{write(t, filepath.Join(t.TempDir(), "large.txt"), "")}
	if err := os.Truncate(b.Files[0], 1<<30); err != nil {
		t.Fatal(err)
	}
	if _, _, err := neverblock.Rules(t.Context(), b, nil); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("it says %v", err)
	}
}
