package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	elastic "github.com/elastic/go-elasticsearch/v8"
	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
)

// cluster is the way to one Elasticsearch cluster. It is an [esapi.Transport]
// on which every answer that is not a success is an error.
type cluster struct {
	http   *httpx.Client
	client *elastic.BaseClient
}

func newCluster(s *Settings, agent string) (*cluster, error) {
	client, err := s.Client(httpx.Options{Agent: agent, Addresses: s.Addresses, Policy: httpx.RetryUnserved})
	if err != nil {
		return nil, err
	}
	base, err := elastic.NewBaseClient(elastic.Config{
		Addresses: s.Addresses,
		Header:    http.Header{"User-Agent": {agent}},
		Transport: genuine{client.Transport()},
		// The core decides on retries. Another node is tried at once where one
		// has surely not served the request.
		DisableRetry:  len(s.Addresses) == 1,
		MaxRetries:    len(s.Addresses) - 1,
		RetryOnStatus: []int{http.StatusServiceUnavailable},
		RetryOnError:  func(_ *http.Request, err error) bool { return unreachable(err) },
	})
	if err != nil {
		return nil, fmt.Errorf("making a client for Elasticsearch: %w", err)
	}
	return &cluster{http: client, client: base}, nil
}

// unreachable reports whether no connection could be made.
func unreachable(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// genuine lets nothing through that is not Elasticsearch. The client checks this
// too, but says it in words that tell an operator too little.
type genuine struct{ next http.RoundTripper }

// RoundTrip sends the request and looks at who answers.
func (g genuine) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := g.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode < 300 && res.Header.Get("X-Elastic-Product") != "Elasticsearch" {
		_ = res.Body.Close()
		return nil, plugin.Permanent(fmt.Errorf("%s answers, but not as Elasticsearch does: the header X-Elastic-Product is missing. OpenSearch and Elasticsearch before 7.14 are not supported; a proxy must let the header through", httpx.RedactURL(req.URL)))
	}
	return res, nil
}

// Perform sends a request. An answer other than a success is an [*answerError].
func (c *cluster) Perform(req *http.Request) (*http.Response, error) {
	res, err := c.client.Perform(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode < 300 {
		return res, nil
	}
	defer func() { _ = res.Body.Close() }()
	return nil, httpx.Classify(readError(req, res), res.StatusCode, res.Header)
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
	err := c.client.Close(ctx)
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
	var answer struct {
		Error struct {
			Type, Reason string
		}
	}
	status := &httpx.StatusError{
		Method: req.Method, URL: httpx.RedactURL(req.URL), Code: res.StatusCode, Accept: req.Header.Get("Accept"),
	}
	if json.Unmarshal(body, &answer) == nil {
		status.Detail = reasonText(answer.Error.Type, answer.Error.Reason)
	}
	return &answerError{StatusError: status, Type: answer.Error.Type}
}

// reasonText makes one line of what the cluster says of an error.
func reasonText(kind, reason string) string {
	const longest = 500
	text := strings.Join(strings.Fields(strings.ToValidUTF8(kind+": "+reason, "\uFFFD")), " ")
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "…"
	}
	return strings.Trim(text, ": ")
}

// status returns the HTTP status that the error is about, 0 if it is not about
// one.
func status(err error) int {
	if answer, ok := errors.AsType[*answerError](err); ok {
		return answer.Code
	}
	return 0
}
