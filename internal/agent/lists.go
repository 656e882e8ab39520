package agent

import (
	"context"
	"sync"
	"time"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/listserver"
)

// listenAgain is how long the list server waits before it tries an address again
// that could not be opened.
const listenAgain = 10 * time.Second

// listsState is how the list server is.
type listsState struct {
	mu  sync.Mutex
	err error
}

func (s *listsState) set(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// trouble returns why lists are not served, "" where they are.
func (s *listsState) trouble() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		return ""
	}
	return s.err.Error()
}

// serveLists serves the lists until ctx ends, where that is configured. While the
// address cannot be opened everything else goes on.
func (g *generation) serveLists(ctx context.Context) {
	if g.config.Lists.Listen == "" {
		return
	}
	server := g.listen(ctx)
	if server == nil {
		return
	}
	<-ctx.Done()
	if err := server.Close(); err != nil {
		g.log.Error("closing the list server", "error", err)
	}
}

// listen tries until it succeeds or ctx ends, when it returns nil.
func (g *generation) listen(ctx context.Context) *listserver.Server {
	for {
		server, err := listserver.Listen(ctx, g.config.Lists.Listen, g.listsOptions())
		if ctx.Err() == nil && (err == nil || g.lists.trouble() == "") {
			g.tellListening(server, err)
		}
		g.lists.set(err)
		if err == nil {
			return server
		}
		if !sleep(ctx, listenAgain) {
			return nil
		}
	}
}

func (g *generation) tellListening(server *listserver.Server, err error) {
	if err != nil {
		g.log.Error("lists are not served; it is tried again, and all else goes on", "listen", g.config.Lists.Listen, "error", err)
		return
	}
	g.log.Info("serving lists", "listen", server.Addr().String(), "directory", g.config.ListsDirectory())
}

func (g *generation) listsOptions() listserver.Options {
	c := &g.config.Lists
	o := listserver.Options{Dir: g.config.ListsDirectory(), MaxConnections: c.MaxConnections, MaxPerAddress: c.MaxConnectionsPerAddress, Log: g.log, Now: g.now}
	if c.TLS.Certificate != "" {
		o.TLS = &listserver.TLS{Certificate: c.TLS.Certificate, Key: *c.TLS.Key, ClientCA: c.TLS.ClientCA}
	}
	for i := range g.config.Outputs {
		if name := g.config.Outputs[i].ServedList(); name != "" {
			o.Lists = append(o.Lists, listserver.List{Name: name, Parts: g.config.Outputs[i].ServedParts(), Addresses: c.Addresses[name]})
		}
	}
	for i := range c.Clients {
		o.Clients = append(o.Clients, clientOf(&c.Clients[i]))
	}
	return o
}

func clientOf(c *config.ListsClient) listserver.Client {
	made := listserver.Client{Name: c.Name, Certificate: c.Certificate, Addresses: c.Addresses, Lists: c.Lists}
	if c.Basic != nil {
		made.Username, made.Password = c.Basic.Username, c.Basic.Password
	}
	if c.Token != nil {
		made.Token = *c.Token
	}
	if c.Previous != nil {
		made.Previous = *c.Previous
	}
	return made
}
