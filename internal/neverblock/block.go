package neverblock

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/neverblock/shipped"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

// Block is the block "never_block:" of the configuration. [Default] has its
// defaults.
type Block struct {
	// Except names the shipped sets that do not count.
	Except []string `yaml:"except"`
	// Prefixes are addresses, prefixes and ranges of the site's own.
	Prefixes []string `yaml:"prefixes"`
	// Domains are names of the site's own: "example.org" is the name alone,
	// ".example.org" the name and every name below it.
	Domains []string `yaml:"domains"`
	// Files are the absolute paths of lists of the site's own.
	Files []string `yaml:"files"`
	// Warninglists is the absolute path of a folder with warninglists of MISP, ""
	// for none.
	Warninglists string `yaml:"warninglists"`
	// Discover protects also what the machine itself cannot do without.
	Discover bool `yaml:"discover"`
	// MaxPieces bounds how many pieces a prefix around protected addresses is
	// enforced in.
	MaxPieces int `yaml:"max_pieces"`
	// WidestIPv4 and WidestIPv6 are the lengths of the widest prefixes that are
	// enforced without a person's word.
	WidestIPv4 int `yaml:"widest_ipv4"`
	WidestIPv6 int `yaml:"widest_ipv6"`
}

// Default returns the block of a configuration that has none.
func Default() Block {
	return Block{
		Discover: true, MaxPieces: guard.DefaultMaxPieces,
		WidestIPv4: guard.DefaultWidestIPv4, WidestIPv6: guard.DefaultWidestIPv6,
	}
}

// Options are the limits that the block sets.
func (b *Block) Options() guard.Options {
	return guard.Options{MaxPieces: b.MaxPieces, WidestIPv4: b.WidestIPv4, WidestIPv6: b.WidestIPv6}
}

// mostPieces is the largest limit: more entries for one prefix fill any tool.
const mostPieces = 4096

// Validate reports what is wrong with the values. It reads no file.
func (b *Block) Validate() error {
	return errors.Join(
		each("except", b.Except, checkSet),
		each("prefixes", b.Prefixes, checkPrefix),
		each("domains", b.Domains, checkDomain),
		each("files", b.Files, checkPath),
		checkFolder(b.Warninglists),
		checkPieces(b.MaxPieces),
		checkWidest("widest_ipv4", b.WidestIPv4, 32),
		checkWidest("widest_ipv6", b.WidestIPv6, 128),
	)
}

// each checks the items of a list.
func each(key string, items []string, check func(string) error) error {
	var problems []error
	for i, item := range items {
		if err := check(item); err != nil {
			problems = append(problems, plugin.Fieldf(key+"."+strconv.Itoa(i), "%w", err))
		}
	}
	return errors.Join(problems...)
}

func checkSet(name string) error {
	if slices.Contains(shipped.Names(), name) {
		return nil
	}
	return fmt.Errorf("there is no shipped set %q: want one of %s", name, strings.Join(shipped.Names(), ", "))
}

func checkPrefix(value string) error {
	c, err := indicator.CanonProtected(value)
	if err == nil && c.Key.Kind != indicator.IP {
		err = fmt.Errorf("%q is no address, no prefix and no range: names belong below domains, hashes into a file", value)
	}
	return err
}

func checkDomain(value string) error {
	c, err := indicator.CanonProtected(value)
	if err == nil && c.Key.Kind != indicator.Domain {
		err = fmt.Errorf("%q is no domain name: addresses belong below prefixes, hashes into a file", value)
	}
	return err
}

func checkPath(path string) error {
	if filepath.IsAbs(path) {
		return nil
	}
	return fmt.Errorf("%q is not an absolute path", path)
}

func checkFolder(path string) error {
	if path == "" || filepath.IsAbs(path) {
		return nil
	}
	return plugin.Fieldf("warninglists", "%q is not an absolute path", path)
}

func checkPieces(n int) error {
	if n >= 1 && n <= mostPieces {
		return nil
	}
	return plugin.Fieldf("max_pieces", "%d is not in the range from 1 to %d", n, mostPieces)
}

func checkWidest(key string, bits, most int) error {
	if bits >= 1 && bits <= most {
		return nil
	}
	return plugin.Fieldf(key, "%d is not the length of a prefix: want 1 to %d", bits, most)
}
