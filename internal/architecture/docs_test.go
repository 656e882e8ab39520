package architecture

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// documents reads every Markdown file of the repository, by its path.
func documents(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := walk(".md", func(name string, text []byte) error {
		found[name] = string(text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var (
	fence   = regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```$")
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
)

func TestLinksLeadSomewhere(t *testing.T) {
	found := documents(t)
	for name, text := range found {
		for _, match := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			target, anchor, _ := strings.Cut(match[1], "#")
			if strings.Contains(target, ":") {
				continue // elsewhere, and tests have no network
			}
			file := name
			if target != "" {
				file = path.Join(path.Dir(name), target)
			}
			if _, err := fs.Stat(root, file); err != nil {
				t.Errorf("%s links to %s, which is not there", name, match[1])
			} else if anchor != "" && !slices.Contains(anchors(found[file]), anchor) {
				t.Errorf("%s links to %s, and the file has no such heading", name, match[1])
			}
		}
	}
}

// anchors returns the headings of a document as links name them.
func anchors(text string) []string {
	var names []string
	for _, match := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		names = append(names, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, match[1]))
	}
	return names
}

// TestConfigurationsInDocumentsLoad reads every block that is marked
// "yaml config". The name of the site may be left out.
func TestConfigurationsInDocumentsLoad(t *testing.T) {
	read := 0
	for name, text := range documents(t) {
		for _, block := range fence.FindAllStringSubmatch(text, -1) {
			if block[1] != "yaml config" {
				continue
			}
			read++
			if err := parse(name, block[2]); err != nil {
				t.Errorf("a configuration in %s is not right:\n%v", name, err)
			}
		}
	}
	if read == 0 {
		t.Error("no document shows a configuration")
	}
}

// TestTextsAreForUsers: a text of the project speaks to whoever uses it. It
// needs no machine, folder or discussion that they do not have.
func TestTextsAreForUsers(t *testing.T) {
	foreign := regexp.MustCompile(`(?i)(^|[^\w.])/(work|tmp/brief|home/\w+)(/|\b)|\b(issue|pr|pull request) #?\d+\b`)
	for _, suffix := range []string{".go", ".md", ".yaml", ".yml", ".sql", ".py", ".sh"} {
		err := walk(suffix, func(name string, text []byte) error {
			if path.Dir(name) == "internal/architecture" {
				return nil
			}
			if at := foreign.Find(text); at != nil {
				t.Errorf("%s says %q, which means nothing to a user", name, at)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}
