package admin

import (
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/store"
)

// Location is where the store of a configuration is.
func Location(c *config.Config) store.Location {
	return store.Location{Dir: c.State, Postgres: c.Store}
}
