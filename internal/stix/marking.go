package stix

import (
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

// knownMarkings are the marking definitions of TLP 1 and TLP 2.0, which every
// producer shares, and the one that OpenCTI made for a level that TLP 1 lacks.
var knownMarkings = map[string]indicator.TLP{
	"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": indicator.TLPClear,
	"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": indicator.TLPGreen,
	"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": indicator.TLPAmber,
	"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": indicator.TLPRed,

	"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": indicator.TLPClear,
	"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": indicator.TLPGreen,
	"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": indicator.TLPAmber,
	"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": indicator.TLPAmberStrict,
	"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": indicator.TLPRed,

	"marking-definition--826578e1-40ad-459f-bc73-ede076f81f37": indicator.TLPAmberStrict,
}

// markings returns the ids of the markings that touch the object as a whole or
// its pattern, each once.
func (o *object) markings() []string {
	refs := o.ObjectMarkingRefs
	for _, g := range o.GranularMarkings {
		touches := slices.ContainsFunc(g.Selectors, touchesPattern)
		if g.MarkingRef == "" || !touches || slices.Contains(refs, g.MarkingRef) {
			continue
		}
		refs = append(slices.Clip(refs), g.MarkingRef)
	}
	return refs
}

// touchesPattern reports whether a selector (STIX 2.1, section 7.2.3) covers the
// pattern.
func touchesPattern(selector string) bool {
	return selector == "pattern" || strings.HasPrefix(selector, "pattern.")
}

// tlp is the strictest level of the markings. An unmarked object has the level
// that the options say; a marking that nobody knows may be the strictest.
func (o *object) tlp(markings []string, opts *Options) indicator.TLP {
	if o.markingsUnread {
		return indicator.TLPRed
	}
	level := indicator.TLPUnmarked
	for _, id := range markings {
		level = max(level, opts.level(id))
	}
	if level == indicator.TLPUnmarked {
		return opts.unmarked()
	}
	return level
}

func (o *Options) unmarked() indicator.TLP {
	if o.UnmarkedTLP == indicator.TLPUnmarked {
		return indicator.TLPRed
	}
	return o.UnmarkedTLP
}

func (o *Options) level(id string) indicator.TLP {
	if level, ok := knownMarkings[id]; ok {
		return level
	}
	if o.Markings != nil {
		if level, ok := o.Markings(id); ok {
			return level
		}
	}
	return indicator.TLPRed
}
