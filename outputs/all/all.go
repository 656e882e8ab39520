// Package all lists the outputs that a configuration can name.
package all

import (
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/addresslist"
)

// Specs returns the outputs, sorted by their names.
func Specs() []outputs.Spec {
	return []outputs.Spec{
		addresslist.Spec(),
	}
}
