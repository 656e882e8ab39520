package architecture

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// foreign are messages of the system and of SQLite that the operator meets.
var foreignMessages = []string{"permission denied", "readonly database", "database or disk is full"}

var (
	messageRow = regexp.MustCompile("(?m)^\\| (`[^|]+) \\|")
	quoted     = regexp.MustCompile("`([^`]+)`")
)

// TestMessagesInTheManualAreThePrograms: the tables that explain messages explain
// those that the program writes. An ellipsis stands for what differs.
func TestMessagesInTheManualAreThePrograms(t *testing.T) {
	literals := strings.Join(stringLiterals(t), "\x00")
	for name, text := range documents(t) {
		if path.Base(name) != "operating.md" {
			continue
		}
		for _, row := range messageRows(text) {
			for _, message := range quoted.FindAllStringSubmatch(row, -1) {
				for fragment := range strings.SplitSeq(message[1], "…") {
					fragment = strings.TrimSpace(fragment)
					if !strings.Contains(literals, fragment) && !slices.Contains(foreignMessages, fragment) {
						t.Errorf("%s explains %q, and the program never says %q", name, message[1], fragment)
					}
				}
			}
		}
	}
}

// messageRows returns the first cells of the tables with three columns or two
// that begin with a message: those of the log and of the troubles.
func messageRows(text string) []string {
	var rows []string
	for _, heading := range []string{"`started`", "`the configuration cannot be read"} {
		at := strings.Index(text, "| "+heading)
		if at < 0 {
			continue
		}
		table, _, _ := strings.Cut(text[at:], "\n\n")
		for _, row := range messageRow.FindAllStringSubmatch(table, -1) {
			rows = append(rows, row[1])
		}
	}
	return rows
}

// stringLiterals returns all texts that stand in the code of the program.
func stringLiterals(t *testing.T) []string {
	t.Helper()
	var texts []string
	for _, f := range goFiles(t) {
		if f.isTest() {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, _ := strconv.Unquote(literal.Value) // the parser has checked it
				texts = append(texts, text)
			}
			return true
		})
	}
	return texts
}
