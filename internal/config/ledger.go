package config

import "github.com/indicatord/indicatord/internal/plugin"

// LedgerOf is the name under which the store keeps what an output has accepted.
// Agents that share a store share the output too, unless it writes a file: each
// machine has that of its own, and so a ledger of its own.
func (c *Config) LedgerOf(o *Output) string {
	if c.Store == nil || !plugin.IsLocal(o.Settings) {
		return o.Name
	}
	return o.Name + "@" + c.Store.MachineName()
}
