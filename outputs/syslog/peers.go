package syslog

import "github.com/indicatord/indicatord/internal/plugin"

// Peers is the log server.
func (s *Settings) Peers() []string { return plugin.Hosts(s.Address) }
