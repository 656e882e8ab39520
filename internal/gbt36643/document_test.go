package gbt36643

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pages are the documents that show the tables, with the heads of these.
var pages = map[string]map[string]string{
	"../../docs/gbt36643.md": {
		"fields": "| What | Keys |", "objects": "| Type | Words | Properties and keys | Left aside |", "words": "| What | Meaning | Words |",
	},
	"../../docs/zh/gbt36643.md": {
		"fields": "| 内容 | 键 |", "objects": "| 类型 | 词 | 属性和键 | 搁置的键 |", "words": "| 内容 | 含义 | 词 |",
	},
}

var shownTable = regexp.MustCompile(`(?s)<!-- (\w+) (\w+) -->\n.*?<!-- end -->`)

// TestDocumentsShowTheShippedTables compares the tables of the documentation with
// those that are shipped; -update writes them anew.
func TestDocumentsShowTheShippedTables(t *testing.T) {
	for page, heads := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		want := shownTable.ReplaceAllStringFunc(string(text), func(shown string) string {
			match := shownTable.FindStringSubmatch(shown)
			return fmt.Sprintf("<!-- %s %s -->\n\n%s\n<!-- end -->", match[1], match[2], showTable(t, heads[match[2]], match[1], match[2]))
		})
		if *update {
			if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(want, string(text)); diff != "" {
			t.Errorf("%s is behind the shipped tables; -update writes it anew (-want +got):\n%s", page, diff)
		}
	}
}

func showTable(t *testing.T, head, format, what string) string {
	t.Helper()
	m, err := Shipped(format)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]func(*table) []string{"fields": fieldRows, "objects": objectRows, "words": wordRows}[what](&m.table)
	return head + "\n" + strings.Repeat("|---", strings.Count(head, "|")-1) + "|\n" + strings.Join(rows, "\n") + "\n"
}

func code(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return "`" + strings.Join(words, "`, `") + "`"
}

// fieldRows lists the keys of the first sort of indicators.
func fieldRows(t *table) []string {
	for _, of := range sorted(t.Records) {
		if of.Role != roleIndicator {
			continue
		}
		var rows []string
		value := reflect.ValueOf(of.Fields)
		for i := range value.NumField() {
			if keys := value.Field(i).Interface().([]string); len(keys) > 0 {
				rows = append(rows, fmt.Sprintf("| %s | %s |", value.Type().Field(i).Tag.Get("yaml"), code(keys)))
			}
		}
		return rows
	}
	return nil
}

func objectRows(t *table) []string {
	var rows []string
	for name, of := range sorted(t.Objects) {
		var tests []string
		for _, rule := range sorted(of.Tests) {
			text := "`" + rule.Is + "` ← " + code(rule.Keys)
			if len(rule.For) > 0 {
				text += " (" + code(of.By[:1]) + ": " + code(rule.For) + ")"
			}
			tests = append(tests, text)
		}
		rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s |", name, code(of.Words), strings.Join(tests, "; "), code(of.Ignored)))
	}
	return rows
}

func wordRows(t *table) []string {
	w := &t.Words
	return slices.Concat(
		meanings("relationships", w.Relationships), meanings("constraints", w.Constraints), meanings("values", w.Values),
		meanings("types", w.Types), meanings("confidence", w.Confidence), meanings("severity", w.Severity),
		meanings("markings", w.Markings), meanings("directions", w.Directions), meanings("truth", w.Truth),
	)
}

// meanings lists the words of each meaning.
func meanings[T comparable](what string, all map[string]T) []string {
	byMeaning := map[string][]string{}
	for _, word := range slices.Sorted(maps.Keys(all)) {
		meaning := fmt.Sprint(all[word])
		if j, ok := any(all[word]).(judgment); ok {
			meaning = strings.Join(strings.Fields(j.Type+" "+j.Direction), ", ")
			if j.Weak {
				meaning += ", weak"
			}
		}
		byMeaning[meaning] = append(byMeaning[meaning], word)
	}
	var rows []string
	for meaning, words := range sorted(byMeaning) {
		rows = append(rows, fmt.Sprintf("| %s | `%s` | %s |", what, meaning, code(words)))
	}
	return rows
}
