package elasticsearch

import "github.com/indicatord/indicatord/internal/plugin"

// Peers are the nodes of the cluster.
func (s *Settings) Peers() []string {
	addresses, err := s.nodes()
	if err != nil {
		return nil // Validate says why
	}
	return plugin.Hosts(addresses...)
}
