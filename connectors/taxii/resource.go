package taxii

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// entrance is what may be found at the configured URL: a discovery resource
// (section 4.1) or an API root (section 4.2). The fields tell which.
type entrance struct {
	Title    string   `json:"title"`
	Default  string   `json:"default"`
	APIRoots []string `json:"api_roots"`
	Versions []string `json:"versions"`
	Length   int64    `json:"max_content_length"`
}

// root reports whether it is an API root.
func (e *entrance) root() bool { return len(e.Versions) > 0 || e.Length > 0 }

// speaks21 reports whether an API root serves TAXII 2.1, or does not say what
// it serves.
func (e *entrance) speaks21() bool {
	return len(e.Versions) == 0 || slices.ContainsFunc(e.Versions, func(version string) bool {
		return strings.Contains(version, "2.1") || version == mediaTypeGeneric
	})
}

// listing is the collections resource (section 5.1).
type listing struct {
	Collections []collection `json:"collections"`
}

// collection is one collection (section 5.2), and the API root it is in.
type collection struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	DisplayName string `json:"display_name"` // what older OpenCTI says for title
	Alias       string `json:"alias"`
	CanRead     *bool  `json:"can_read"`

	root string // ends in "/"
}

// readable reports whether we may read it. A server that does not say so lets
// us try.
func (c *collection) readable() bool { return c.CanRead == nil || *c.CanRead }

// title is the name for people.
func (c *collection) title() string { return cmp.Or(c.Title, c.DisplayName, c.Alias, c.ID) }

// String names the collection in errors.
func (c *collection) String() string {
	if c.title() == c.ID {
		return fmt.Sprintf("%q", c.ID)
	}
	return fmt.Sprintf("%q (%s)", c.title(), c.ID)
}

// named reports whether the name is the collection's id, alias or title.
func (c *collection) named(name string) bool {
	return name == c.ID || name != "" && (name == c.Alias || strings.EqualFold(name, c.title()))
}

// objects is the address of its objects (section 5.4), manifest that of its
// manifest (section 5.3).
func (c *collection) objects() string  { return c.address() + "objects/" }
func (c *collection) manifest() string { return c.address() + "manifest/" }
func (c *collection) address() string  { return c.root + "collections/" + url.PathEscape(c.ID) + "/" }

// key names the position in the collection under a filter. Another filter is
// another position, since what it lets through was never asked for.
func (c *collection) key(f filter) string {
	if f.hash() == "" {
		return c.address()
	}
	return c.address() + "#" + f.hash()
}

// sameFilter reports whether a position was reached with the filter.
func sameFilter(key string, f filter) bool {
	_, hash, _ := strings.Cut(key, "#")
	return hash == f.hash()
}

// filter is the part of a query that is the same on every page (section 3.4).
type filter url.Values

func (s *Settings) filter() filter {
	f := filter{}
	for name, words := range map[string][]string{
		"match[type]": s.Types, "match[id]": s.IDs, "match[spec_version]": s.SpecVersions,
	} {
		if len(words) > 0 {
			f[name] = []string{strings.Join(words, ",")}
		}
	}
	if !s.AddedAfter.IsZero() {
		f["added_after"] = []string{formatTime(s.AddedAfter)}
	}
	return f
}

// hash is short and differs between filters. That of no filter is "".
func (f filter) hash() string {
	if len(f) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(url.Values(f).Encode()))
	return hex.EncodeToString(sum[:8])
}
