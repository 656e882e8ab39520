// Package all is the list of the connectors that a configuration can name.
package all

import (
	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/connectors/taxii"
)

// Specs returns every connector, in the order of their names. A new connector
// is one folder and one line here. The memory connector is for tests alone, and
// so it is not in the list.
func Specs() []connectors.Spec {
	return []connectors.Spec{
		taxii.Spec(),
	}
}
