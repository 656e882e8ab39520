package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
)

// cluster is the way to one Elasticsearch cluster. It is an [esapi.Transport]
// on which every answer that is not a success is an error.
type cluster struct {
	http   *httpx.Client
	nodes  *elastictransport.Client
	flavor Flavor
	// compress is whether requests and answers are in gzip.
	compress bool

	// report tells a person of the requests, nil for nobody.
	report *report

	recognition sync.Mutex
	recognised  bool
}

// newCluster makes the way to the cluster. It uses the transport of Elastic's
// client alone, since the client itself refuses OpenSearch.
func newCluster(s *Settings, agent string) (*cluster, error) {
	addresses, err := s.nodes()
	if err != nil {
		return nil, err
	}
	fingerprint, err := httpx.ParseFingerprint(s.Fingerprint)
	if err != nil {
		return nil, plugin.Field("fingerprint", err)
	}
	client, err := s.Client(httpx.Options{Agent: agent, Addresses: addresses, Policy: httpx.RetryUnserved, Fingerprint: fingerprint})
	if err != nil {
		return nil, err
	}
	nodes, err := newTransport(addresses, agent, client.Transport(), s.Compress)
	if err != nil {
		return nil, fmt.Errorf("making a client for Elasticsearch: %w", err)
	}
	return &cluster{http: client, nodes: nodes, flavor: s.Flavor, compress: s.Compress}, nil
}

// newTransport spreads requests over the nodes. The core decides on retries;
// another node is tried at once where one has surely not served the request.
func newTransport(addresses []string, agent string, next http.RoundTripper, compress bool) (*elastictransport.Client, error) {
	var urls []*url.URL
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		urls = append(urls, u)
	}
	options := []elastictransport.Option{
		elastictransport.WithURLs(urls...),
		elastictransport.WithUserAgent(agent),
		elastictransport.WithTransport(next),
		elastictransport.WithRetry(len(urls)-1, http.StatusServiceUnavailable),
		elastictransport.WithRetryOnError(func(_ *http.Request, err error) bool { return unreachable(err) }),
	}
	if len(urls) == 1 {
		options = append(options, elastictransport.WithDisableRetry())
	}
	if compress {
		options = append(options, elastictransport.WithCompression())
	}
	return elastictransport.NewClient(options...)
}

// unreachable reports whether no connection could be made.
func unreachable(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// Perform sends a request. An answer other than a success is an [*answerError].
func (c *cluster) Perform(req *http.Request) (*http.Response, error) {
	if c.report != nil && c.report.rehearsed {
		return c.report.rehearse(req)
	}
	if err := c.recognise(req.Context()); err != nil {
		return nil, err
	}
	if !c.compress { // net/http asks for it otherwise
		req.Header.Set("Accept-Encoding", "identity")
	}
	res, err := c.nodes.Perform(req)
	if err != nil {
		return nil, hintAtTLS(req, err)
	}
	if err := c.genuine(req, res); err != nil {
		_ = res.Body.Close()
		return nil, err
	}
	if res, err = success(req, res); err == nil {
		c.report.told(req)
	}
	return res, err
}

// hintAtTLS explains what a node does that serves HTTPS and is spoken to in plain
// text: it closes the connection without a word.
func hintAtTLS(req *http.Request, err error) error {
	if req.URL.Scheme == "http" && errors.Is(err, io.EOF) {
		return fmt.Errorf("%w (if the node serves HTTPS, its address begins with https://)", err)
	}
	return err
}

// success returns the answer if it is one, and what it says as an error if not.
func success(req *http.Request, res *http.Response) (*http.Response, error) {
	if res.StatusCode < 300 {
		return res, nil
	}
	defer func() { _ = res.Body.Close() }()
	return nil, classify(readError(req, res), res)
}

// call makes a request and decodes its answer into out, unless that is nil.
func (c *cluster) call(ctx context.Context, request esapi.Request, out any) error {
	res, err := request.Do(ctx, c)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return fmt.Errorf("reading the cluster's answer: %w", err)
	}
	return nil
}

func (c *cluster) close(ctx context.Context) error {
	err := c.nodes.Close(ctx)
	c.http.CloseIdleConnections()
	return err
}

// answerError is an answer that says what went wrong.
type answerError struct {
	*httpx.StatusError
	// Type is the name of the exception, such as "security_exception", "" where
	// the answer is not one of Elasticsearch's own.
	Type string
}

// Unwrap returns the status.
func (e *answerError) Unwrap() error { return e.StatusError }

// readError reads the error object of an answer.
func readError(req *http.Request, res *http.Response) *answerError {
	const enough = 64 << 10
	body, _ := io.ReadAll(io.LimitReader(res.Body, enough))
	var answer struct{ Error errorObject }
	status := &httpx.StatusError{
		Method: req.Method, URL: httpx.RedactURL(req.URL), Code: res.StatusCode, Accept: req.Header.Get("Accept"),
	}
	if json.Unmarshal(body, &answer) == nil {
		status.Detail = reasonText(answer.Error.Type, answer.Error.Reason)
	}
	return &answerError{StatusError: status, Type: answer.Error.Type}
}

// errorObject is what an answer says of an error: an exception, or words alone
// where no handler was found for the request.
type errorObject struct{ Type, Reason string }

// UnmarshalJSON implements [json.Unmarshaler].
func (e *errorObject) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, &e.Reason)
	}
	type exception errorObject
	return json.Unmarshal(text, (*exception)(e))
}

// reasonText makes one line of what the cluster says of an error.
func reasonText(kind, reason string) string {
	const longest = 500
	text := strings.Join(strings.Fields(strings.ToValidUTF8(kind+": "+reason, "\uFFFD")), " ")
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "…"
	}
	return strings.Trim(text, ":; ") // blocks end in a semicolon
}

// status returns the HTTP status that the error is about, 0 if it is not about
// one.
func status(err error) int {
	if answer, ok := errors.AsType[*answerError](err); ok {
		return answer.Code
	}
	return 0
}
