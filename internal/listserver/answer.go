package listserver

import (
	"bytes"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/listname"
)

// pathPrefix is where the lists are.
const pathPrefix = "/lists/"

// offer is a list as the server knows it.
type offer struct {
	List
	files listname.Files
}

// has reports whether a file is one that the list may have.
func (o *offer) has(file string) bool {
	_, found := o.files.Have(file)
	return found
}

// beyond reports whether a file is a part beyond those that there ever are.
func (o *offer) beyond(file string) bool {
	part, _ := o.files.Have(file)
	return o.Parts > 0 && part > o.Parts
}

// ServeHTTP answers a device.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := &answer{ResponseWriter: w, request: r, from: addressOf(r.RemoteAddr)}
	s.answer(answer)
	s.tell(answer)
}

// answer is an answer on its way, with what the log shall say of it.
type answer struct {
	http.ResponseWriter

	request *http.Request
	from    netip.Addr
	device  string
	list    *offer
	file    string
	sent    *snapshot
	size    int // of the whole body, where one is sent
	status  int
	bytes   int64
	failed  bool
	problem error
	untold  bool // one of many alike, of which the log has told
}

// WriteHeader notes the status. A body has as long as its size takes; whatever is
// without one has the time of the server.
func (a *answer) WriteHeader(status int) {
	a.status = status
	if a.size > 0 && status < http.StatusMultipleChoices {
		// A writer without a deadline is one of a test.
		_ = http.NewResponseController(a).SetWriteDeadline(time.Now().Add(patience(a.size)))
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write counts what is sent.
func (a *answer) Write(b []byte) (int, error) {
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	a.failed = a.failed || err != nil
	return n, err
}

// Unwrap lets the deadlines of the connection be set.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// refuse answers with an error. The device is told no reasons, the log is.
func (a *answer) refuse(status int, reason string) {
	a.problem = errors.New(reason)
	if status == http.StatusServiceUnavailable {
		a.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	}
	a.Header().Set("Cache-Control", "no-store")
	http.Error(a, http.StatusText(status), status)
}

func (s *Server) answer(a *answer) {
	r := a.request
	client, verdict := s.clients.identify(r, a.from)
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		a.Header().Set("Allow", "GET, HEAD")
		a.refuse(http.StatusMethodNotAllowed, "the method is neither GET nor HEAD")
		return
	case verdict == doubtful:
		a.refuse(http.StatusServiceUnavailable, s.whyDoubtful())
		return
	case verdict == unknown:
		s.refuseStranger(a)
		return
	}
	a.device = client.Name
	if !contains(client.Addresses, a.from) {
		a.refuse(http.StatusForbidden, "the device may not fetch from this address")
		return
	}
	if s.find(a); a.list == nil {
		a.refuse(http.StatusNotFound, "there is no such list")
		return
	}
	if !slices.Contains(client.Lists, a.list.Name) {
		a.refuse(http.StatusForbidden, "the device may not fetch this list")
		return
	}
	if !contains(a.list.Addresses, a.from) {
		a.refuse(http.StatusForbidden, "the list may not be fetched from this address")
		return
	}
	s.send(a)
}

// refuseStranger tells who is not known to show credentials, and who has shown wrong
// ones too often to wait. To show none is how many devices begin, so that is always
// answered with the question for them.
func (s *Server) refuseStranger(a *answer) {
	who := stranger{a.from, shows(a.request)}
	before, rest := s.strangers.fail(who)
	a.untold = before > failuresPerMinute
	if !who.shows || before < failuresPerMinute {
		a.Header().Set("WWW-Authenticate", `Basic realm="lists", charset="UTF-8"`)
		a.refuse(http.StatusUnauthorized, who.reason())
		return
	}
	a.Header().Set("Retry-After", strconv.Itoa(int(rest.Seconds())+1))
	a.Header().Set("Connection", "close")
	a.refuse(http.StatusTooManyRequests, "too many wrong credentials came from this address; the log does not tell of those that follow in this minute")
}

func (s *Server) whyDoubtful() string {
	if err := s.clients.secrets.unreadable(s.clients.all); err != nil {
		return err.Error()
	}
	return "a secret could not be read"
}

// find looks for the list that a path names. The name of a file has neither a
// slash nor a dot at its beginning, so no path leads anywhere else.
func (s *Server) find(a *answer) {
	file, below := strings.CutPrefix(a.request.URL.Path, pathPrefix)
	if !below {
		return
	}
	for i := range s.offers {
		if s.offers[i].has(file) {
			a.list, a.file = &s.offers[i], file
			return
		}
	}
}

func (s *Server) serves(file string) bool {
	return slices.ContainsFunc(s.offers, func(o offer) bool { return o.has(file) })
}

// send sends the list, or says that the device has it.
func (s *Server) send(a *answer) {
	snapshot, err := s.shelves.of(a.file).get()
	if errors.Is(err, errNotMade) && a.list.beyond(a.file) {
		a.refuse(http.StatusNotFound, "the list never has so many parts")
		return
	}
	if snapshot == nil {
		a.refuse(http.StatusServiceUnavailable, err.Error())
		return
	}
	if err := snapshot.servable(); err != nil {
		a.refuse(http.StatusServiceUnavailable, err.Error())
		return
	}
	a.sent = snapshot
	form := snapshot.forms[s.form(a.request)]
	maps.Copy(a.Header(), form.header)
	a.size = len(form.body)
	http.ServeContent(a, a.request, "", snapshot.version.Modified, bytes.NewReader(form.body))
}

// form chooses what is sent. Parts are those of the list as it is.
func (s *Server) form(r *http.Request) coding {
	if r.Header.Get("Range") != "" {
		return identity
	}
	return accepted(r.Header.Values("Accept-Encoding"))
}

// slowest is the rate in bytes a second below which a device is given up.
const slowest = 16 << 10

// patience is how long sending a body may take.
func patience(size int) time.Duration {
	return 30*time.Second + time.Duration(size/slowest)*time.Second
}

// complete reports whether the device now has the whole list.
func (a *answer) complete() bool {
	switch {
	case a.sent == nil || a.request.Method != http.MethodGet || a.failed:
		return false
	case a.status == http.StatusNotModified:
		return true
	}
	return a.status == http.StatusOK && strconv.FormatInt(a.bytes, 10) == a.Header().Get("Content-Length")
}

// tell writes what happened to the log, and notes the fetch.
func (s *Server) tell(a *answer) {
	if a.complete() {
		s.ledger.note(a.list.Name, a.device, a.file, a.sent.version.SHA256)
	}
	if a.untold {
		return
	}
	attributes := []slog.Attr{
		slog.String("device", a.device), slog.Any("address", a.from), slog.String("list", a.request.URL.Path),
		slog.String("method", a.request.Method), slog.Int("status", a.status), slog.Int64("bytes", a.bytes),
	}
	if a.sent != nil {
		attributes = append(attributes, slog.String("version", a.sent.version.SHA256[:12]))
	}
	level := slog.LevelInfo
	if a.problem != nil {
		level = slog.LevelWarn
		attributes = append(attributes, slog.Any("error", a.problem))
	}
	s.log.LogAttrs(a.request.Context(), level, "a list was asked for", attributes...)
}
