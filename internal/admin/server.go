package admin

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// socketName is the control socket in the state directory.
const socketName = "control.sock"

// closeTime is how long answers that have begun may go on when the server closes.
const closeTime = 2 * time.Second

// ErrStopping ends the requests that a daemon can no longer answer.
var ErrStopping = errors.New("the daemon is stopping")

// Daemon is the agent as the control socket sees it.
type Daemon interface {
	Inspector() Inspector
	Once(context.Context, Round) error
	// Ring asks every connector and output for a round soon.
	Ring()
}

// Round is what one round takes in: every pull, then every delivery.
type Round struct {
	// Connector and Output restrict the pulls and the deliveries to one; ""
	// stands for all.
	Connector, Output string
	// Full makes full pulls: everything is compared with the sources.
	Full bool
	// Repair reads the tools back before the deliveries, and mends what differs.
	Repair bool
	// Refresh tells the tools again what they have, after the deliveries.
	Refresh bool
}

// Server answers at the control socket.
type Server struct {
	http *http.Server
	stop context.CancelCauseFunc // ends the requests
	done chan struct{}
}

// Listen opens the control socket in the state directory, for the owner and the
// group alone, and answers until Close. The caller holds the lock of the
// directory, so a socket that is there belongs to nobody.
func Listen(state string, d Daemon) (*Server, error) {
	path := filepath.Join(state, socketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("opening the control socket: %w", err)
	}
	listener, err := net.Listen("unix", path)
	if errors.Is(err, syscall.EINVAL) {
		return nil, fmt.Errorf("opening the control socket: the path %s is too long for a socket: choose a shorter state directory", path)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the control socket: %w", err)
	}
	if err := os.Chmod(path, 0o660); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the control socket: %w", err), listener.Close())
	}
	base, stop := context.WithCancelCause(context.Background())
	s := &Server{stop: stop, done: make(chan struct{}), http: &http.Server{
		Handler: routes(d), ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return base },
		ConnContext: withPeer,
	}}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(listener)
	}()
	return s, nil
}

// Close removes the socket, ends the requests with [ErrStopping] and returns
// when they have ended, or after two seconds.
func (s *Server) Close() error {
	s.stop(ErrStopping)
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	<-s.done
	return err
}

func routes(d Daemon) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, r *http.Request) {
		inspector := d.Inspector()
		status, err := inspector.Status(r.Context())
		status.Daemon = &DaemonStatus{PID: os.Getpid(), Started: inspector.Started}
		answer(w, status, err)
	})
	mux.HandleFunc("GET /v1/why", func(w http.ResponseWriter, r *http.Request) {
		explanation, err := d.Inspector().Why(r.Context(), r.URL.Query().Get("value"))
		answer(w, explanation, err)
	})
	mux.HandleFunc("GET /v1/export", func(w http.ResponseWriter, r *http.Request) { export(w, r, d) })
	mux.HandleFunc("GET /v1/plan", func(w http.ResponseWriter, r *http.Request) { plan(w, r, d) })
	mux.HandleFunc("POST /v1/orders", func(w http.ResponseWriter, r *http.Request) { order(w, r, d) })
	mux.HandleFunc("POST /v1/once", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		round := Round{Connector: q.Get("connector"), Output: q.Get("output"), Full: q.Get("full") == "true", Repair: q.Get("repair") == "true", Refresh: q.Get("refresh") == "true"}
		answer(w, struct{}{}, d.Once(r.Context(), round))
	})
	return mux
}

// failure is how an error travels.
type failure struct {
	Error string `json:"error"`
}

func answer(w http.ResponseWriter, body any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		body = failure{err.Error()}
	}
	_ = json.NewEncoder(w).Encode(body)
}

// order carries out an order of whoever is at the other end of the socket.
func order(w http.ResponseWriter, r *http.Request, d Daemon) {
	var o Order
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		answer(w, nil, fmt.Errorf("reading the order: %w", err))
		return
	}
	i := d.Inspector()
	said, err := Operator{Config: i.Config, Store: i.Store, Who: peerOf(r.Context()), Now: i.Now, Protection: i.Protection}.Carry(r.Context(), o)
	if err == nil {
		d.Ring()
	}
	answer(w, outcome{said}, err)
}

// outcome is the answer to an order.
type outcome struct {
	Said string `json:"said"`
}

// plan streams a plan. An error in the middle becomes the last line.
func plan(w http.ResponseWriter, r *http.Request, d Daemon) {
	lines, err := d.Inspector().Plan(r.Context(), r.URL.Query().Get("output"), r.URL.Query().Get("select"))
	streamLines(w, lines, err)
}

// export streams the view. An error in the middle becomes the last line.
func export(w http.ResponseWriter, r *http.Request, d Daemon) {
	lines, err := d.Inspector().Export(r.Context(), r.URL.Query().Get("output"))
	streamLines(w, lines, err)
}

func streamLines[T any](w http.ResponseWriter, lines iter.Seq2[T, error], err error) {
	if err != nil {
		answer(w, nil, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	buffered := bufio.NewWriterSize(w, 64<<10)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for line, err := range lines {
		if err != nil {
			_ = encoder.Encode(failure{err.Error()})
			break
		}
		if encoder.Encode(line) != nil {
			return
		}
	}
	_ = buffered.Flush()
}
