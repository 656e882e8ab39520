package syslog

import "github.com/indicatord/indicatord/internal/plugin"

// Peers are the log servers. A socket of the machine is none.
func (s *Settings) Peers() []string { return plugin.Hosts(s.addresses()...) }
