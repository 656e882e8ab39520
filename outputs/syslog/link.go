package syslog

import (
	"context"
	"net"

	"github.com/indicatord/indicatord/internal/indicator"
)

// outgoing is one event on its way.
type outgoing struct {
	identity
	// text is the event from its header on, without framing. It is the
	// sender's: a link copies what it keeps.
	text []byte
}

// identity says which event one is.
type identity struct {
	// id is the same each time the same event is sent.
	id string
	// key is the entry whose change the event tells. It is zero for an event that
	// tells of no change: then a receiver that refuses it fails the delivery.
	key indicator.Key
}

// link carries the events of one delivery to one receiver.
type link interface {
	// send takes one event, in order. The event may be written later, together
	// with others, though not much later.
	send(context.Context, outgoing) error
	// finish writes what is left and waits for the receiver's answer, as far as
	// the transport has one. An error says that nothing is known of any event,
	// but for a [github.com/indicatord/indicatord/outputs.PartialError], which names those that were refused.
	finish(context.Context) error
	// close gives the link up, and waits until nothing of it runs any more.
	close()
}

// connect opens a link to the receiver at the address.
func (s *Settings) connect(ctx context.Context, address string) (link, error) {
	conn, err := s.dial(ctx, address)
	switch {
	case err != nil:
		return nil, err
	case s.Network.acknowledges():
		return newRELP(ctx, s, conn)
	case isDatagram(conn):
		return newDatagrams(ctx, s, conn), nil
	}
	return newStream(ctx, s, conn), nil
}

func isDatagram(conn net.Conn) bool {
	network := conn.LocalAddr().Network()
	return network == "udp" || network == "unixgram"
}
