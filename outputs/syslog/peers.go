package syslog

import (
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/plugin"
)

// Peers are the log servers. A socket of the machine is none.
func (s *Settings) Peers() []string { return plugin.Hosts(s.addresses()...) }

// Binding is the receivers, in whatever order: another one has been told of nothing.
func (s *Settings) Binding() string {
	return "receivers " + strings.Join(slices.Sorted(slices.Values(s.addresses())), " ")
}
