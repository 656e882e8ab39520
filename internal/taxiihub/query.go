package taxiihub

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dateLayout is the TAXII timestamp: UTC, with exactly six fraction digits
// (TAXII 2.1, section 2).
const dateLayout = "2006-01-02T15:04:05.000000Z"

func formatDate(t time.Time) string { return t.UTC().Format(dateLayout) }

// parseDate refuses every other way of writing the same time: a client that
// relies on leniency here fails elsewhere.
func parseDate(text string) (time.Time, error) {
	t, err := time.Parse(dateLayout, text)
	if err != nil || formatDate(t) != text {
		return time.Time{}, fmt.Errorf("%q is not a TAXII timestamp, such as 2026-11-01T08:00:00.000000Z", text)
	}
	return t, nil
}

// request is a query as a client wrote it, with the token for the page.
type request struct {
	Query
	Next string
}

// parseRequest reads the query part of a URL (TAXII 2.1, section 3.4).
// Parameters that the standard does not name are ignored. A limit that is
// missing is 0.
func parseRequest(rawQuery string) (request, error) {
	var q request
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		return q, fmt.Errorf("the query cannot be read: %w", err)
	}
	for name, given := range values {
		parse, known := parameters[name]
		if !known {
			continue
		}
		if len(given) > 1 {
			return request{}, fmt.Errorf("%s is given %d times: want it once", name, len(given))
		}
		if err := parse(&q, given[0]); err != nil {
			return request{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	return q, nil
}

// parameters reads each parameter that the standard names.
var parameters = map[string]func(*request, string) error{
	"added_after": func(q *request, text string) (err error) {
		q.AddedAfter, err = parseDate(text)
		return err
	},
	"limit": func(q *request, text string) (err error) {
		q.Limit, err = parseLimit(text)
		return err
	},
	"next": func(q *request, text string) error {
		q.Next = text
		return nil
	},
	"match[id]": func(q *request, text string) (err error) {
		q.IDs, err = parseList(text)
		return err
	},
	"match[type]": func(q *request, text string) (err error) {
		q.Types, err = parseList(text)
		return err
	},
	"match[spec_version]": func(q *request, text string) (err error) {
		q.SpecVersions, err = parseList(text)
		return err
	},
	"match[version]": func(q *request, text string) (err error) {
		q.Versions, err = parseVersions(text)
		return err
	},
}

func parseLimit(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is not a whole number above zero", text)
	}
	return n, nil
}

func parseList(text string) ([]string, error) {
	items := strings.Split(text, ",")
	if slices.Contains(items, "") {
		return nil, errors.New("an item is empty: want items separated by one comma and no spaces")
	}
	return items, nil
}

func parseVersions(text string) (Versions, error) {
	items, err := parseList(text)
	if err != nil {
		return Versions{}, err
	}
	var v Versions
	for i, item := range items {
		if slices.Contains(items[:i], item) {
			return Versions{}, fmt.Errorf("%q is given twice", item)
		}
		if err := v.add(item); err != nil {
			return Versions{}, err
		}
	}
	if v.All && len(items) > 1 {
		return Versions{}, errors.New(`"all" must stand alone`)
	}
	return v, nil
}

func (v *Versions) add(item string) error {
	switch item {
	case "first":
		v.First = true
	case "last":
		v.Last = true
	case "all":
		v.All = true
	default:
		at, err := parseVersion(item)
		if err != nil {
			return fmt.Errorf("%w, nor first, last or all", err)
		}
		v.At = append(v.At, at)
	}
	return nil
}

// encode writes the request as a query part that [parseRequest] reads to the
// same request.
func (q *request) encode() string {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	if !q.AddedAfter.IsZero() {
		set("added_after", formatDate(q.AddedAfter))
	}
	if q.Limit > 0 {
		set("limit", strconv.Itoa(q.Limit))
	}
	set("next", q.Next)
	set("match[id]", strings.Join(q.IDs, ","))
	set("match[type]", strings.Join(q.Types, ","))
	set("match[spec_version]", strings.Join(q.SpecVersions, ","))
	set("match[version]", q.Versions.String())
	return values.Encode()
}

// String writes the choice as match[version] takes it.
func (v *Versions) String() string {
	var items []string
	for _, keyword := range []struct {
		set  bool
		name string
	}{{v.First, "first"}, {v.Last, "last"}, {v.All, "all"}} {
		if keyword.set {
			items = append(items, keyword.name)
		}
	}
	for _, at := range v.At {
		items = append(items, at.UTC().Format(time.RFC3339Nano))
	}
	return strings.Join(items, ",")
}
