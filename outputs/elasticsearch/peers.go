package elasticsearch

import "github.com/indicatord/indicatord/internal/plugin"

// Peers are the nodes of the cluster.
func (s *Settings) Peers() []string { return plugin.Hosts(s.Addresses...) }
