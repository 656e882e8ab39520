package listserver

import (
	"net"
	"net/netip"
	"sync"
)

// perAddress is a listener that closes what one address has open beyond a number.
type perAddress struct {
	net.Listener

	most int
	mu   sync.Mutex
	open map[netip.Addr]int
}

func limitPerAddress(l net.Listener, most int) net.Listener {
	return &perAddress{Listener: l, most: most, open: map[netip.Addr]int{}}
}

// Accept returns the next connection that its address may have.
func (l *perAddress) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := neighbourhood(addressOf(conn.RemoteAddr().String()))
		if l.enter(from) {
			return &counted{Conn: conn, leave: sync.OnceFunc(func() { l.leave(from) })}, nil
		}
		_ = conn.Close()
	}
}

func (l *perAddress) enter(from netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[from] >= l.most {
		return false
	}
	l.open[from]++
	return true
}

func (l *perAddress) leave(from netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[from]--; l.open[from] == 0 {
		delete(l.open, from)
	}
}

// counted is a connection that counts until it is closed.
type counted struct {
	net.Conn

	leave func()
}

// Close closes the connection.
func (c *counted) Close() error {
	defer c.leave()
	return c.Conn.Close()
}

// addressOf reads an address with a port; the zero address is one that is not
// known.
func addressOf(text string) netip.Addr {
	from, err := netip.ParseAddrPort(text)
	if err != nil {
		return netip.Addr{}
	}
	return from.Addr().Unmap()
}

// neighbourhood is what counts as one address: a host has a whole /64 of IPv6.
func neighbourhood(a netip.Addr) netip.Addr {
	if !a.Is6() {
		return a
	}
	prefix, err := a.WithZone("").Prefix(64)
	if err != nil {
		return a
	}
	return prefix.Addr()
}
