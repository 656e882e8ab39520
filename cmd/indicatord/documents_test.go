package main

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// block is a fenced block of a document.
type block struct{ document, info, text string }

var fence = regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```$")

// blocks returns the fenced blocks of the README and of everything below docs.
func blocks(t *testing.T) []block {
	t.Helper()
	root := os.DirFS("../..")
	documents := []string{"README.md"}
	err := fs.WalkDir(root, "docs", func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".md") {
			documents = append(documents, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var found []block
	for _, document := range documents {
		text, err := fs.ReadFile(root, document)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range fence.FindAllStringSubmatch(string(text), -1) {
			found = append(found, block{document, match[1], match[2]})
		}
	}
	return found
}

// TestDocumentsNameRealCommands: every call of the program that a document shows
// has a command, flags and arguments that there are.
func TestDocumentsNameRealCommands(t *testing.T) {
	seen := 0
	for _, b := range blocks(t) {
		if language, _, _ := strings.Cut(b.info, " "); language != "sh" && language != "console" {
			continue
		}
		for line := range strings.Lines(b.text) {
			line, typed := strings.CutPrefix(strings.TrimSpace(line), "$ ")
			if !typed && strings.HasPrefix(b.info, "console") {
				continue // what the command prints
			}
			for _, args := range calls(line) {
				seen++
				if err := checkCall(args); err != nil {
					t.Errorf("%s shows %q: %v", b.document, line, err)
				}
			}
		}
	}
	if seen < 10 {
		t.Errorf("found only %d calls of the program", seen)
	}
}

var separators = regexp.MustCompile(`&&|\||;|#`)

// word is one word of a shell, quoted or not.
var word = regexp.MustCompile(`"[^"]*"|'[^']*'|[^\s"']+`)

// calls returns the arguments of each call of the program in a line of shell,
// which may stand behind sudo or systemd-run.
func calls(line string) [][]string {
	var found [][]string
	for part := range slices.Values(separators.Split(line, -1)) {
		words := word.FindAllString(part, -1)
		for len(words) > 0 && words[0] == "sudo" {
			words = words[1:]
			if len(words) > 2 && words[0] == "-u" {
				words = words[2:]
			}
		}
		at := 0
		if len(words) > 0 && words[0] == "systemd-run" {
			at = slices.Index(words, "/usr/bin/indicatord")
		}
		if len(words) > 0 && (words[at] == "indicatord" || words[at] == "/usr/bin/indicatord") {
			found = append(found, words[at+1:])
		}
	}
	return found
}

// checkCall reports what is wrong with the arguments of a call, without running
// it.
func checkCall(args []string) error {
	cmd, rest, err := newRootCommand().Find(args)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil {
		err = cmd.ValidateRequiredFlags()
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	return err
}

// TestUnitRunsTheProgram: the unit of systemd calls a command that there is, with
// the configuration that all other commands look at.
func TestUnitRunsTheProgram(t *testing.T) {
	unit, err := os.ReadFile("../../packaging/systemd/indicatord.service")
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(unit), "\nExecStart=")
	line, _, _ = strings.Cut(line, "\n")
	args := strings.Fields(line)
	if err := checkCall(args[1:]); err != nil {
		t.Errorf("ExecStart=%s: %v", line, err)
	}
	if !slices.Equal(args[1:], []string{"run", "--config", defaultConfig}) {
		t.Errorf("ExecStart=%s: want run with %s", line, defaultConfig)
	}
}

// TestDocumentsShowRealOutput runs the blocks that are marked "console demo", one
// document after the other, each in a directory of its own in place of /tmp/demo.
// Numbers, times and the widths of columns may differ from what is shown; "…"
// stands for anything within a line, and on a line of its own for any lines.
func TestDocumentsShowRealOutput(t *testing.T) {
	dirs := map[string]string{}
	for _, b := range blocks(t) {
		if b.info != "console demo" {
			continue
		}
		if dirs[b.document] == "" {
			dirs[b.document] = filepath.Join(t.TempDir(), "demo")
		}
		for session := range slices.Values(strings.Split("\n"+b.text, "\n$ ")[1:]) {
			command, want, _ := strings.Cut(session, "\n")
			got := runLine(t, strings.ReplaceAll(command, "/tmp/demo", dirs[b.document]))
			got = strings.ReplaceAll(got, dirs[b.document], "/tmp/demo")
			if !shows(want, got) {
				t.Errorf("%s shows of %q\n%s\nand it prints\n%s", b.document, command, want, got)
			}
		}
	}
	if len(dirs) == 0 {
		t.Error("no document shows the demo")
	}
}

// runLine runs a call of the program and returns what it prints.
func runLine(t *testing.T, line string) string {
	t.Helper()
	var out strings.Builder
	root := newRootCommand()
	root.SetArgs(strings.Fields(line)[1:])
	root.SetOut(&out)
	root.SetErr(io.Discard)
	if status := execute(t.Context(), root, &out); status != 0 {
		t.Errorf("%s ended with the status %d", line, status)
	}
	return out.String()
}

var (
	spaces    = regexp.MustCompile(`[ \t]+`)
	numbers   = regexp.MustCompile(`\d+`)
	durations = regexp.MustCompile(`N(\.N)?(µs|ms|s|m|h)\b(N(s|m)\b)*`)
	versions  = regexp.MustCompile(`indicatord [^ ,]+,`)
)

// plain leaves out of a text what is another each time.
func plain(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(spaces.ReplaceAllString(line, " "))
		line = durations.ReplaceAllString(numbers.ReplaceAllString(line, "N"), "TIME")
		lines = append(lines, versions.ReplaceAllString(line, "indicatord VERSION,"))
	}
	return strings.TrimSpace(strings.Join(lines, "\n")) + "\n"
}

func shows(want, got string) bool {
	var expression strings.Builder
	for line := range strings.Lines(plain(want)) {
		if line == "…\n" {
			expression.WriteString(`(?:.*\n)*?`)
			continue
		}
		expression.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*"))
	}
	return regexp.MustCompile(`^` + expression.String() + `$`).MatchString(plain(got))
}

// TestTheTableNamesEveryCommand: the start page leaves no command of ours out.
func TestTheTableNamesEveryCommand(t *testing.T) {
	for _, document := range []string{"README.md", "docs/zh/README.md"} {
		text, err := os.ReadFile(filepath.Join("../..", document))
		if err != nil {
			t.Fatal(err)
		}
		for _, cmd := range newRootCommand().Commands() {
			if !regexp.MustCompile("(?m)^\\| .*`" + cmd.Name() + "[ `]").Match(text) {
				t.Errorf("the table of %s leaves out %s", document, cmd.Name())
			}
		}
	}
}
