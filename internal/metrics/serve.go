package metrics

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
)

// path is where the metrics are.
const path = "/metrics"

// Server answers scrapes.
type Server struct {
	http *http.Server
	done chan struct{}
	addr net.Addr
}

// Listen opens the address and answers until Close. Each scrape asks for the
// status anew.
func Listen(ctx context.Context, address string, status func(context.Context) (admin.Status, error)) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("opening the port for metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { answer(w, r, status) })
	s := &Server{
		http: &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: time.Minute},
		done: make(chan struct{}), addr: listener.Addr(),
	}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(listener)
	}()
	return s, nil
}

// answer writes the whole text or an error, never half of it.
func answer(w http.ResponseWriter, r *http.Request, status func(context.Context) (admin.Status, error)) {
	s, err := status(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	var text bytes.Buffer
	Write(&text, &s)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(text.Bytes())
}

// Addr is the address that was opened.
func (s *Server) Addr() net.Addr { return s.addr }

// Close ends the server, and returns when it has ended.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.done
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
