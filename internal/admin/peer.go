package admin

import (
	"context"
	"fmt"
	"net"
	"os/user"
	"strconv"
)

// peerKey is the key under which a connection's peer is in its context.
type peerKey struct{}

// unknownPeer is who asks where the system does not tell.
const unknownPeer = "unknown"

// withPeer notes who is at the other end of a connection. The system says so, and
// nobody can claim to be somebody else.
func withPeer(ctx context.Context, c net.Conn) context.Context {
	who := unknownPeer
	if conn, ok := c.(*net.UnixConn); ok {
		if uid, err := peerUID(conn); err == nil {
			who = userName(uid)
		}
	}
	return context.WithValue(ctx, peerKey{}, who)
}

func peerOf(ctx context.Context) string {
	if who, ok := ctx.Value(peerKey{}).(string); ok {
		return who
	}
	return unknownPeer
}

// userName is a user's name with the number, which stays when the name goes.
func userName(uid int) string {
	number := strconv.Itoa(uid)
	if u, err := user.LookupId(number); err == nil {
		return fmt.Sprintf("%s (uid %s)", u.Username, number)
	}
	return "uid " + number
}
