package listserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/net/netutil"

	"github.com/indicatord/indicatord/internal/listname"
	"github.com/indicatord/indicatord/internal/secret"
)

// The limits of a connection. A device that fetches asks at once and soon again.
const (
	headerTime = 10 * time.Second
	readTime   = 30 * time.Second
	idleTime   = 30 * time.Second
	maxHeader  = 16 << 10
	closeTime  = 5 * time.Second
)

// Server answers devices. Its methods may be called by any number of goroutines.
type Server struct {
	clients   clients
	strangers *strangers
	offers    []offer
	shelves   shelves
	ledger    *ledger
	log       *slog.Logger

	http  *http.Server
	addr  net.Addr
	ended chan struct{} // closed when the server begins to end
	done  chan struct{} // closed when nothing works any more
}

// newServer makes a server that listens nowhere.
func newServer(o Options) *Server {
	o.setDefaults()
	s := &Server{
		clients:   clients{all: o.Clients, secrets: &secrets{now: o.Now, read: map[secret.Ref]reading{}}},
		strangers: newStrangers(o.Now),
		shelves:   shelves{dir: o.Dir, log: o.Log, now: o.Now, all: map[string]*shelf{}},
		ledger:    openLedger(&o), log: o.Log,
		ended: make(chan struct{}), done: make(chan struct{}),
	}
	for _, list := range o.Lists {
		s.offers = append(s.offers, offer{list, listname.FilesOf(list.Name)})
	}
	return s
}

// Listen opens an address and answers until Close. What lies in the directory is
// served at once. An unreadable certificate is no error: handshakes fail until it
// can be read.
func Listen(ctx context.Context, address string, o Options) (*Server, error) {
	if err := os.MkdirAll(o.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("making the directory of the served lists: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("opening the port of the list server: %w", err)
	}
	return serveOn(listener, o), nil
}

// serveOn answers at a listener until Close.
func serveOn(listener net.Listener, o Options) *Server {
	o.setDefaults()
	s := newServer(o)
	s.addr = listener.Addr()
	s.http = &http.Server{
		Handler: s, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, IdleTimeout: idleTime,
		WriteTimeout: patience(0), MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug), // Port scans would fill the log.
	}
	listener = netutil.LimitListener(limitPerAddress(listener, o.MaxPerAddress), o.MaxConnections)
	go s.serve(listener, o)
	return s
}

// serve works until the server is closed.
func (s *Server) serve(listener net.Listener, o Options) {
	defer close(s.done)
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		s.shelves.warm(s.serves)
		s.ledger.keep(s.ended)
	}()
	if o.TLS == nil {
		_ = s.http.Serve(listener)
	} else {
		files := &certificates{files: *o.TLS, log: o.Log, now: o.Now}
		_, _ = files.forHandshake(nil) // The log says early what is wrong.
		s.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: files.forHandshake}
		_ = s.http.ServeTLS(listener, "", "")
	}
	<-kept
}

// Addr is the address that was opened.
func (s *Server) Addr() net.Addr { return s.addr }

// Close ends the server. Downloads that have begun get a while to end well.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	close(s.ended)
	<-s.done
	return err
}
