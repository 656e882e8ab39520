package addresslist

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/listname"
	"github.com/indicatord/indicatord/outputs/addresslist/dialect"
)

// The marks in the name of a list that stand for several files.
const (
	kindMark   = "{kind}"
	familyMark = "{family}"
	partMark   = "{part}"
)

// maxParts bounds the files of one list.
const maxParts = listname.MaxParts

func checkPath(path string) error {
	dir, name := filepath.Split(path)
	switch {
	case path == "":
		return errors.New("is required: write where the list shall be")
	case !filepath.IsAbs(path):
		return fmt.Errorf("%q is not an absolute path", path)
	case name == "":
		return fmt.Errorf("%q is a directory: write the path of a file in it", path)
	case strings.ContainsAny(dir, "{}"):
		return fmt.Errorf("only the name of the list can have a mark such as %s, not its directory %q", kindMark, dir)
	case strings.ContainsAny(strings.NewReplacer(kindMark, "", familyMark, "", partMark, "").Replace(name), "{}"):
		return fmt.Errorf("%q has an unknown mark: want %s, %s or %s", name, kindMark, familyMark, partMark)
	}
	return nil
}

// place is where a list lies.
type place struct {
	path                   string
	kinds, families, parts bool
}

func newPlace(path string) place {
	return place{
		path: filepath.Clean(path), kinds: strings.Contains(path, kindMark),
		families: strings.Contains(path, familyMark), parts: strings.Contains(path, partMark),
	}
}

// branch is what has a list of its own.
type branch struct {
	kind   indicator.Kind // 0 where kinds share a list
	family string         // "" where families share a list
}

const (
	familyIPv4 = "ip4"
	familyIPv6 = "ip6"
)

// branchOf returns where an entry belongs.
func (p *place) branchOf(k indicator.Key) branch {
	var b branch
	if p.kinds {
		b.kind = k.Kind
	}
	if p.families {
		b.family = familyIPv4
		if strings.IndexByte(k.Value, ':') >= 0 {
			b.family = familyIPv6
		}
	}
	return b
}

// branches returns every list there is in a dialect, so that a reader finds its
// own whatever is in the view.
func (p *place) branches(words *dialect.Dialect) []branch {
	kinds := []indicator.Kind{0}
	if p.kinds {
		kinds = words.Kinds
	}
	families := []string{""}
	if p.families {
		families = []string{familyIPv4, familyIPv6}
	}
	var all []branch
	for _, kind := range kinds {
		for _, family := range families {
			if !p.families || kind == 0 || kind == indicator.IP {
				all = append(all, branch{kind, family})
			}
		}
	}
	return all
}

// file returns the path of a part of a list; parts count from 1.
func (p *place) file(b branch, part int) string {
	return strings.NewReplacer(kindMark, b.kind.String(), familyMark, b.family, partMark, strconv.Itoa(part)).Replace(p.path)
}
