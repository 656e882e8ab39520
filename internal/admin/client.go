package admin

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ErrNoDaemon says that no daemon answers at the control socket.
var ErrNoDaemon = errors.New("no daemon is running on this state directory")

// Client speaks to the daemon of a state directory.
type Client struct{ http *http.Client }

// NewClient returns a client for the daemon of the state directory. It connects
// at each call.
func NewClient(state string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", filepath.Join(state, socketName))
	}
	return &Client{http: &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}}
}

// Status asks the daemon for its status. The error is [ErrNoDaemon] where none
// runs.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var s Status
	err := c.ask(ctx, http.MethodGet, "/v1/status", nil, &s)
	return s, err
}

// Why asks the daemon about a value.
func (c *Client) Why(ctx context.Context, value string) (Explanation, error) {
	var x Explanation
	err := c.ask(ctx, http.MethodGet, "/v1/why", url.Values{"value": {value}}, &x)
	return x, err
}

// Once has the daemon make one round, and waits for it.
func (c *Client) Once(ctx context.Context, r Round) error {
	query := url.Values{
		"connector": {r.Connector}, "output": {r.Output},
		"full": {strconv.FormatBool(r.Full)}, "repair": {strconv.FormatBool(r.Repair)}, "refresh": {strconv.FormatBool(r.Refresh)},
	}
	return c.ask(ctx, http.MethodPost, "/v1/once", query, &struct{}{})
}

// Order has the daemon carry out an order, and returns what it says of it.
func (c *Client) Order(ctx context.Context, o Order) (string, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	var done outcome
	response, err := c.send(ctx, http.MethodPost, "/v1/orders", nil, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&done); err != nil {
		return "", fmt.Errorf("reading the daemon's answer: %w", err)
	}
	return done.Said, nil
}

// Plan copies the plan of an output to w, a line each. With a selection it is
// that of another select than the configuration's.
func (c *Client) Plan(ctx context.Context, output, selection string, w io.Writer) error {
	response, err := c.do(ctx, http.MethodGet, "/v1/plan", url.Values{"output": {output}, "select": {selection}})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return copyLines(w, response.Body)
}

// Export copies an output's view to w, a line an entry.
func (c *Client) Export(ctx context.Context, output string, w io.Writer) error {
	response, err := c.do(ctx, http.MethodGet, "/v1/export", url.Values{"output": {output}})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return copyLines(w, response.Body)
}

// copyLines copies lines up to the one that tells of a failure.
func copyLines(w io.Writer, r io.Reader) error {
	reader := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := reader.ReadBytes('\n')
		if strings.HasPrefix(string(line), `{"error":`) {
			return decodeFailure(line)
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the daemon's answer: %w", err)
		}
	}
}

func (c *Client) ask(ctx context.Context, method, path string, q url.Values, into any) error {
	response, err := c.do(ctx, method, path, q)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return fmt.Errorf("reading the daemon's answer: %w", err)
	}
	return nil
}

func (c *Client) do(ctx context.Context, method, path string, q url.Values) (*http.Response, error) {
	return c.send(ctx, method, path, q, nil)
}

func (c *Client) send(ctx context.Context, method, path string, q url.Values, body io.Reader) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://daemon"+path+"?"+q.Encode(), body)
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(request)
	if nobodyListens(err) {
		return nil, ErrNoDaemon
	}
	if errors.Is(err, syscall.EACCES) {
		return nil, fmt.Errorf("asking the daemon: only the user and the group that own its state directory may: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("asking the daemon: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<20))
		return nil, decodeFailure(text)
	}
	return response, nil
}

// nobodyListens reports whether there is no socket, or one that a daemon has
// left behind. At a path that is too long for a socket there can be none.
func nobodyListens(err error) bool {
	return errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EINVAL)
}

func decodeFailure(text []byte) error {
	var f failure
	if err := json.Unmarshal(text, &f); err != nil || f.Error == "" {
		return fmt.Errorf("the daemon answered: %s", strings.TrimSpace(string(text)))
	}
	return errors.New(f.Error)
}
