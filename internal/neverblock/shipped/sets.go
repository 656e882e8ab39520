package shipped

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/indicatord/indicatord/internal/neverblock/list"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

//go:embed sets/*.txt
var files embed.FS

// Set is one shipped set.
type Set struct {
	List  *guard.List
	Rules []guard.Rule
}

// Sets returns the shipped sets in the order of their names. They are read once
// and must not be changed.
var Sets = sync.OnceValue(func() []Set {
	names, err := fs.Glob(files, "sets/*.txt")
	if err != nil {
		panic(err) // the expression above is wrong
	}
	sets := make([]Set, 0, len(names))
	for _, name := range names {
		sets = append(sets, read(name))
	}
	return sets
})

// read panics on a set that is wrong: it is a part of the program, like the code
// around it, and a test reads every one.
func read(name string) Set {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	rules, err := list.Read(name, text)
	if err == nil && len(rules) == 0 {
		err = fmt.Errorf("%s is empty", name)
	}
	if err != nil {
		panic(err)
	}
	return Set{List: rules[0].List, Rules: rules}
}

// Names returns the names of the shipped sets, sorted.
func Names() []string {
	names, err := fs.Glob(files, "sets/*.txt")
	if err != nil {
		panic(err) // the expression above is wrong
	}
	for i, name := range names {
		names[i] = strings.TrimSuffix(path.Base(name), ".txt")
	}
	return names
}
