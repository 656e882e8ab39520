package taxii

import "github.com/indicatord/indicatord/internal/plugin"

// Peers is the hub.
func (s *Settings) Peers() []string { return plugin.Hosts(s.URL) }
