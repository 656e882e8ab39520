package policy

import "github.com/indicatord/indicatord/internal/indicator"

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
	// Labels select entries that carry at least one of them; none selects
	// entries with any labels.
	Labels []string `yaml:"labels"`
	// Sources are the names of the connectors whose assertions take part in the
	// view; none means every connector.
	Sources []string `yaml:"sources"`
	// Direction selects entries about traffic that goes this way.
	// [indicator.DirectionUnknown] selects every entry.
	Direction indicator.Direction `yaml:"direction"`
}
