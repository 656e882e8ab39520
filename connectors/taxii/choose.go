package taxii

import (
	"slices"
	"strings"
)

// choose returns the collections to pull, each once.
func choose(listed []collection, want Collections) ([]collection, error) {
	if want.All {
		readable := slices.DeleteFunc(slices.Clone(listed), func(c collection) bool { return !c.readable() })
		if len(readable) == 0 {
			return nil, permanentf("the hub lists %d collections, and none that may be read: check auth, and what the account may read", len(listed))
		}
		return readable, nil
	}
	var chosen []collection
	for _, name := range want.Names {
		one, err := find(listed, name)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(chosen, func(c collection) bool { return c.address() == one.address() }) {
			chosen = append(chosen, *one)
		}
	}
	return chosen, nil
}

// find returns the one collection of that name. An id goes before an alias, and
// an alias before a title.
func find(listed []collection, name string) (*collection, error) {
	var matches []*collection
	for _, fits := range []func(*collection) bool{
		func(c *collection) bool { return c.ID == name },
		func(c *collection) bool { return c.Alias == name },
		func(c *collection) bool { return c.named(name) },
	} {
		for i := range listed {
			if fits(&listed[i]) {
				matches = append(matches, &listed[i])
			}
		}
		if len(matches) > 0 {
			break
		}
	}
	switch {
	case len(matches) == 0:
		return nil, permanentf("the hub lists no collection %q: it lists %s", name, names(listed))
	case len(matches) > 1:
		return nil, permanentf("the hub lists %d collections %q: name one by its id (%s, %s)", len(matches), name, matches[0].ID, matches[1].ID)
	case !matches[0].readable():
		return nil, unreadable(matches[0])
	}
	return matches[0], nil
}

func unreadable(c *collection) error {
	return permanentf("collection %s may not be read by this account (can_read is false): ask the hub for access, or leave it out of collections", c)
}

// names lists collections for people, the first few of them.
func names(listed []collection) string {
	const few = 8
	if len(listed) == 0 {
		return "none at all"
	}
	var all []string
	for i := range listed[:min(few, len(listed))] {
		all = append(all, listed[i].String())
	}
	if len(listed) > few {
		all = append(all, "…")
	}
	return strings.Join(all, ", ")
}
