package postgres

import (
	"regexp"
	"strconv"
	"strings"
)

// The statements of the store are plain SQL but for these idioms of SQLite.
var (
	insertOr  = regexp.MustCompile(`^INSERT OR (FAIL|IGNORE|REPLACE) INTO (\w+)\(([^)]*)\)`)
	indexedBy = regexp.MustCompile(`(?i) INDEXED BY \w+`)
)

// replaced are the tables in which a row takes the place of another, with the
// columns by which it is another version of the same.
var replaced = map[string][]string{
	"texts":     {"object"},
	"relations": {"object"},
	"threats":   {"object"},
	"indicated": {"object"},
	"touched":   {"entry"},
	"ledger":    {"output", "entry"},
	"refusals":  {"output", "entry"},
}

// Translate puts a statement of the store, as it is for SQLite, into the words of
// PostgreSQL: "?" and "?1" become "$1", an insertion says what happens to a row
// that is there with ON CONFLICT, and no index is named. A replacement in a table
// that is not known here is left as it is, which no server accepts.
func Translate(query string) string {
	return number(conflicts(indexedBy.ReplaceAllString(query, "")))
}

func conflicts(query string) string {
	found := insertOr.FindStringSubmatch(query)
	if found == nil {
		return query
	}
	action, table, columns := found[1], found[2], found[3]
	clause := ""
	switch action {
	case "IGNORE":
		clause = " ON CONFLICT DO NOTHING"
	case "REPLACE":
		key := replaced[table]
		if key == nil {
			return query
		}
		clause = " ON CONFLICT (" + strings.Join(key, ", ") + ") DO UPDATE SET " + assignments(columns)
	}
	return "INSERT INTO " + table + "(" + columns + ")" + query[len(found[0]):] + clause
}

// assignments sets every column; setting a key to what it is costs nothing.
func assignments(columns string) string {
	var sets []string
	for column := range strings.SplitSeq(columns, ",") {
		column = strings.TrimSpace(column)
		sets = append(sets, column+" = excluded."+column)
	}
	return strings.Join(sets, ", ")
}

// number writes the places of values as PostgreSQL does. What stands between
// quotes is text.
func number(query string) string {
	if !strings.Contains(query, "?") {
		return query
	}
	var text strings.Builder
	quoted, next := false, 1
	for i := 0; i < len(query); i++ {
		switch c := query[i]; {
		case c == '\'':
			quoted = !quoted
			text.WriteByte(c)
		case c != '?' || quoted:
			text.WriteByte(c)
		case i+1 < len(query) && isDigit(query[i+1]):
			text.WriteByte('$') // its number follows
		default:
			text.WriteString("$" + strconv.Itoa(next))
			next++
		}
	}
	return text.String()
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
