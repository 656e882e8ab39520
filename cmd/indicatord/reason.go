package main

import (
	"slices"
	"sync"

	"github.com/indicatord/indicatord/internal/gbt36643"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix"
	"github.com/indicatord/indicatord/internal/stix/pattern"
)

// meanings holds the sentence for each reject code.
var meanings = sync.OnceValue(func() map[indicator.Code]string {
	all := map[indicator.Code]string{}
	for _, info := range slices.Concat(indicator.Codes(), pattern.Codes(), stix.Codes(), gbt36643.Codes()) {
		all[info.Code] = info.Meaning
	}
	return all
})

// explain returns the detail of a reject, or what its code means where it has
// none.
func explain(code indicator.Code, detail string) string {
	if detail != "" {
		return detail
	}
	return meanings()[code]
}
