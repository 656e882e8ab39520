package config

import (
	"errors"

	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/stix/pattern"
)

// Patterns says how the STIX patterns of a source are read, and which values
// stand for them.
type Patterns struct {
	// Lenient are the spellings beyond the language that are understood, one in
	// each item.
	Lenient []pattern.Leniencies `yaml:"lenient"`
	// Widen are the shapes that say more than a value can and give one all the
	// same, one in each item.
	Widen []pattern.Shapes `yaml:"widen"`
	// CIDREquality says what a prefix stands for that is compared with =.
	CIDREquality CIDREquality `yaml:"cidr_equality"`
	// MaxBytes, MaxDepth and MaxTerms bound the length of a pattern, how deep its
	// parentheses nest, and how many constants it compares with.
	MaxBytes int `yaml:"max_bytes"`
	MaxDepth int `yaml:"max_depth"`
	MaxTerms int `yaml:"max_terms"`
}

// CIDREquality says what a prefix stands for that is compared with =: "network"
// for the addresses in it, "refuse" for none.
type CIDREquality string

// The readings of a prefix that is compared with =.
const (
	CIDRNetwork CIDREquality = "network"
	CIDRRefuse  CIDREquality = "refuse"
)

// UnmarshalText reads one of the two words.
func (c *CIDREquality) UnmarshalText(text []byte) error {
	return setWord(c, string(text), string(CIDRNetwork), string(CIDRRefuse))
}

func defaultPatterns() Patterns {
	return Patterns{
		Lenient:      []pattern.Leniencies{pattern.LenientUnquotedHashKey, pattern.LenientHashAlias, pattern.LenientHashCase},
		CIDREquality: CIDRNetwork,
		MaxBytes:     pattern.DefaultMaxBytes,
		MaxDepth:     pattern.DefaultMaxDepth,
		MaxTerms:     pattern.DefaultMaxTerms,
	}
}

// Reading says which patterns are read.
func (p *Patterns) Reading() pattern.Options {
	refused := pattern.AllLeniencies
	for _, l := range p.Lenient {
		refused &^= l
	}
	return pattern.Options{MaxBytes: p.MaxBytes, MaxDepth: p.MaxDepth, MaxTerms: p.MaxTerms, Refuse: refused}
}

// Reduction says which values stand for a pattern. Which values are taken at all
// is not of the patterns.
func (p *Patterns) Reduction() pattern.Reduction {
	r := pattern.Reduction{RefuseCIDREquality: p.CIDREquality == CIDRRefuse}
	for _, s := range p.Widen {
		r.Widen |= s
	}
	return r
}

// The largest limits: what is beyond them is no pattern, and the parser calls
// itself for each level.
const (
	mostBytes = 16 << 20
	mostDepth = 1000
	mostTerms = 1_000_000
)

// Validate reports limits that are no limits.
func (p *Patterns) Validate() error {
	return errors.Join(
		checkRange("max_bytes", p.MaxBytes, mostBytes),
		checkRange("max_depth", p.MaxDepth, mostDepth),
		checkRange("max_terms", p.MaxTerms, mostTerms),
	)
}

// checkRange judges a number that counts from 1.
func checkRange(key string, n, most int) error {
	if n >= 1 && n <= most {
		return nil
	}
	return plugin.Fieldf(key, "%d is not in the range from 1 to %d", n, most)
}
