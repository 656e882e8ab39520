// Package all is the list of the outputs that a configuration can name.
package all

import (
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/addresslist"
	"github.com/indicatord/indicatord/outputs/elasticsearch"
	"github.com/indicatord/indicatord/outputs/file"
	"github.com/indicatord/indicatord/outputs/syslog"
)

// Specs returns every output, in the order of their names. A new output is one
// folder and one line here. The memory output is for tests alone, and so it is
// not in the list.
func Specs() []outputs.Spec {
	return []outputs.Spec{
		addresslist.Spec(),
		elasticsearch.Spec(),
		file.Spec(),
		syslog.Spec(),
	}
}
