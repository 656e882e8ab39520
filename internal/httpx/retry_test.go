package httpx

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/plugin"
)

var noon = time.Date(2026, time.May, 1, 12, 0, 0, 0, time.UTC)

func TestWhichStatusIsTriedAgain(t *testing.T) {
	for _, tt := range []struct {
		status               int
		idempotent, unserved int // requests that are sent
	}{
		{200, 1, 1}, {400, 1, 1}, {401, 1, 1}, {404, 1, 1}, {408, 1, 1},
		{429, 3, 3}, {500, 1, 1}, {502, 3, 1}, {503, 3, 3}, {504, 3, 1},
	} {
		for policy, want := range map[Policy]int{RetryIdempotent: tt.idempotent, RetryUnserved: tt.unserved} {
			t.Run(fmt.Sprintf("%d %d", tt.status, policy), func(t *testing.T) {
				t.Parallel()
				var calls atomic.Int32
				address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					calls.Add(1)
					w.Header().Set("Retry-After", "0")
					w.WriteHeader(tt.status)
				})
				_, err := open(t, Defaults(), policy, address).Get(t.Context(), address, nil)
				if got := int(calls.Load()); got != want {
					t.Errorf("%d requests were sent, want %d", got, want)
				}
				var status *StatusError
				if tt.status != 200 && (!errors.As(err, &status) || status.Code != tt.status) {
					t.Errorf("got %v, want the status %d as an error", err, tt.status)
				}
			})
		}
	}
}

// TestALostAnswer closes the connection in place of an answer. The third time it
// answers.
func TestALostAnswer(t *testing.T) {
	t.Parallel()
	for policy, want := range map[Policy]int32{RetryIdempotent: 3, RetryUnserved: 1} {
		var calls atomic.Int32
		address := serve(t, func(http.ResponseWriter, *http.Request) {
			if calls.Add(1) < 3 {
				panic(http.ErrAbortHandler)
			}
		})
		_, err := open(t, Defaults(), policy, address).Get(t.Context(), address, nil)
		if got := calls.Load(); got != want || (err == nil) != (policy == RetryIdempotent) {
			t.Errorf("policy %d: %d requests were sent, want %d (%v)", policy, got, want, err)
		}
	}
}

// TestAnAnswerLostOnAKeptConnection has net/http's own repetition, which comes
// only where a connection has served a request before.
func TestAnAnswerLostOnAKeptConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	var requests atomic.Int32
	go serveOneThenDrop(listener, &requests)

	address := "http://" + listener.Addr().String() + "/"
	client := open(t, Defaults(), RetryUnserved, address)
	if _, err := client.Get(t.Context(), address, nil); err != nil {
		t.Fatal(err)
	}
	_, err = client.Get(t.Context(), address, nil)
	if err == nil || requests.Load() != 2 {
		t.Errorf("%d requests were sent (%v), want the second once and an error", requests.Load(), err)
	}
}

// serveOneThenDrop answers the first request of every connection, reads the
// second and closes.
func serveOneThenDrop(listener net.Listener, requests *atomic.Int32) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		reader := bufio.NewReader(conn)
		for n := range 2 {
			req, err := http.ReadRequest(reader)
			if err != nil {
				break
			}
			requests.Add(1)
			if req.ContentLength != 0 || len(req.TransferEncoding) > 0 {
				requests.Add(100) // the empty body was sent
			}
			if n == 0 {
				_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
			}
		}
		_ = conn.Close()
	}
}

func TestAServerThatIsNotThereIsTriedAgain(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String() + "/"
	_ = listener.Close()
	begin := time.Now()
	_, err = open(t, Defaults(), RetryUnserved, address).Get(t.Context(), address, nil)
	wantError(t, err, "GET "+address, "connection refused")
	if took := time.Since(begin); took < 250*time.Millisecond {
		t.Errorf("it was given up after %s, without a second try", took)
	}
}

func TestALongWaitIsLeftToTheCore(t *testing.T) {
	var calls atomic.Int32
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.Header().Set("Retry-After", "31")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, err := open(t, Defaults(), RetryIdempotent, address).Get(t.Context(), address, nil)
	if got := plugin.RetryAfter(err); got != 31*time.Second || calls.Load() != 1 {
		t.Errorf("asked to wait %s after %d requests (%v), want 31s after one", got, calls.Load(), err)
	}
}

func TestRetryAfterHasTwoForms(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0":                              0,
		"120":                            2 * time.Minute,
		"-5":                             0,
		"864000":                         farthest,
		"Fri, 01 May 2026 12:01:30 GMT":  90 * time.Second,
		"Friday, 01-May-26 12:01:30 GMT": 90 * time.Second,
		"Fri, 01 May 2026 11:00:00 GMT":  0,
		"Fri, 01 May 2099 12:00:00 GMT":  farthest,
	} {
		got, ok := retryAfter(http.Header{"Retry-After": {text}}, noon)
		if !ok || got != want {
			t.Errorf("%q asks to wait %s (%t), want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "soon", "1.5", strconv.Itoa(1<<62) + "0"} {
		if got, ok := retryAfter(http.Header{"Retry-After": {text}}, noon); ok {
			t.Errorf("%q asks to wait %s, want no wish", text, got)
		}
	}
}

func TestTheContextEndsAWait(t *testing.T) {
	t.Parallel()
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "20")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_, err := open(t, Defaults(), RetryIdempotent, address).Get(ctx, address, nil)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 5*time.Second {
		t.Errorf("it ended after %s with %v, want the context's error at once", time.Since(begin), err)
	}
}

func TestStatusesHaveMeanings(t *testing.T) {
	cause := errors.New("cause")
	after := http.Header{"Retry-After": {"7"}}
	for _, tt := range []struct {
		status    int
		header    http.Header
		permanent bool
		wait      time.Duration
	}{
		{400, nil, true, 0}, {401, nil, true, 0}, {403, nil, true, 0}, {404, nil, true, 0}, {406, nil, true, 0},
		{408, nil, false, 0}, {413, nil, true, 0}, {415, nil, true, 0}, {422, nil, true, 0}, {425, nil, false, 0},
		{429, nil, false, time.Minute}, {429, after, false, 7 * time.Second},
		{500, nil, false, 0}, {500, after, false, 0}, {502, nil, false, 0}, {503, nil, false, 0}, {503, after, false, 7 * time.Second},
		{302, nil, false, 0},
	} {
		err := Classify(cause, tt.status, tt.header)
		if !errors.Is(err, cause) || plugin.IsPermanent(err) != tt.permanent || plugin.RetryAfter(err) != tt.wait {
			t.Errorf("%d %v: permanent %t, wait %s; want %t, %s",
				tt.status, tt.header, plugin.IsPermanent(err), plugin.RetryAfter(err), tt.permanent, tt.wait)
		}
	}
}

func TestAStatusErrorSaysWhatToDo(t *testing.T) {
	for status, want := range map[int]string{
		401: "check auth", 403: "what the account may read", 404: "check the address",
		406: "sent with Accept: application/json", 407: "HTTPS_PROXY",
	} {
		err := &StatusError{Method: "GET", URL: "https://hub.example/", Code: status, Accept: "application/json", Detail: "the server's words"}
		text := err.Error()
		for _, part := range []string{"GET https://hub.example/: " + strconv.Itoa(status) + " " + http.StatusText(status), ": the server's words", want} {
			if !strings.Contains(text, part) {
				t.Errorf("%q, want %q in it", text, part)
			}
		}
	}
}
