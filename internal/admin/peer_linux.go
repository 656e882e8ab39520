package admin

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// peerUID returns the number of the user at the other end (SO_PEERCRED).
func peerUID(conn *net.UnixConn) (int, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var credentials *unix.Ucred
	var failure error
	err = raw.Control(func(fd uintptr) {
		credentials, failure = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err != nil {
		return 0, err
	}
	if failure != nil {
		return 0, os.NewSyscallError("getsockopt", failure)
	}
	return int(credentials.Uid), nil
}
