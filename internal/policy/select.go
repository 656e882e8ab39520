package policy

import (
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// Select says which entries an output is given. The zero value selects every
// entry. Conditions add up: an entry is in the view only if it meets them all.
type Select struct {
	// Kinds are the kinds that the output takes; none means every kind.
	Kinds []indicator.Kind `yaml:"kinds"`
	// MinConfidence is the least confidence, from 0 to 100, that an entry needs.
	MinConfidence indicator.Confidence `yaml:"min_confidence"`
	// UnstatedConfidence is the confidence, from 0 to 100, that counts for an
	// assertion that states none. Nil leaves it unstated.
	UnstatedConfidence *indicator.Confidence `yaml:"unstated_confidence"`
	// MaxTLP is the strictest marking that the output may see. Assertions above
	// it take no part in the view. [indicator.TLPUnmarked] sets no limit.
	MaxTLP indicator.TLP `yaml:"max_tlp"`
	// MaxAge bounds the time since the object was last modified, or since its
	// valid_from where it does not say; an object that says neither is never too
	// old. 0 sets no bound. A view ages by the hour.
	MaxAge time.Duration `yaml:"max_age"`
	// Types select assertions of at least one of these indicator types; none
	// selects all, but for weak ones where the output enforces. What is benign is
	// never enforced.
	Types []Type `yaml:"types"`
	// Labels select entries that carry at least one of them; none selects
	// entries with any labels.
	Labels []string `yaml:"labels"`
	// Sources are the names of the connectors whose assertions take part in the
	// view; none means every connector.
	Sources []string `yaml:"sources"`
	// Direction selects entries about traffic that goes this way.
	// [indicator.DirectionUnknown] selects every entry.
	Direction indicator.Direction `yaml:"direction"`
	// MinExactness is the least exactness of a key: exact, widened or compound.
	// Nil takes every one, but for compound ones where the output enforces.
	MinExactness *indicator.Exactness `yaml:"min_exactness"`
	// Scopes select domains by how much of the name space they stand for; none
	// selects all. Other kinds are always exact.
	Scopes []indicator.Scope `yaml:"scopes"`
	// Where is a condition on what is left after all others.
	Where Where `yaml:"where"`
}

// Type is an indicator type as the configuration writes it: a word of the
// vocabulary, "other" or "unstated".
type Type struct {
	word string
	set  indicator.TypeSet
}

// UnmarshalText reads the word.
func (t *Type) UnmarshalText(text []byte) error {
	set, err := indicator.ParseType(string(text))
	*t = Type{word: string(text), set: set}
	return err
}

// Equal reports whether two types are the same.
func (t Type) Equal(other Type) bool { return t == other }

// MarshalText writes the word.
func (t Type) MarshalText() ([]byte, error) { return []byte(t.word), nil }

// isOf reports whether an assertion of these types is of this one.
func (t Type) isOf(types indicator.TypeSet) bool {
	if t.set == 0 {
		return types == 0
	}
	return types.Has(t.set)
}
