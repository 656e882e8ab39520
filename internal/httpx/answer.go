package httpx

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"
)

// Answer is a whole answer in memory.
type Answer struct {
	// URL is the address without secrets, for messages.
	URL    string
	Header http.Header
	Body   []byte

	creds *credentials
}

// Get fetches an address and reads the answer whole. A status that is not a
// success is a [*StatusError], marked by [Classify].
func (c *Client) Get(ctx context.Context, address string, header http.Header) (*Answer, error) {
	req, err := get(ctx, address, header)
	if err != nil {
		return nil, err
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, c.statusError(req, resp)
	}
	body, err := readAll(resp)
	if err != nil {
		return nil, c.explain(req, fmt.Errorf("the answer broke off after %d bytes: %w", len(body), err))
	}
	return &Answer{URL: RedactURL(req.URL), Header: resp.Header, Body: body, creds: c.creds}, nil
}

// readAll reads the body into memory of the right size where the size is known
// and believable. Otherwise it reads block by block and joins the blocks at the
// end, so that an answer takes no more than twice its size and one block.
func readAll(resp *http.Response) ([]byte, error) {
	const (
		believable = 64 << 20
		smallest   = 32 << 10
		largest    = 1 << 20
	)
	size := smallest
	if resp.ContentLength > 0 {
		size = int(min(resp.ContentLength, believable)) + 1 // one more, to meet the end
	}
	var full [][]byte
	block := make([]byte, 0, size)
	for {
		n, err := resp.Body.Read(block[len(block):cap(block)])
		block = block[:len(block)+n]
		if errors.Is(err, io.EOF) {
			return joined(full, block), nil
		}
		if err != nil {
			return joined(full, block), err
		}
		if len(block) == cap(block) {
			full = append(full, block)
			block = make([]byte, 0, min(2*cap(block), largest))
		}
	}
}

// joined returns the blocks as one, without a copy where there is only one.
func joined(full [][]byte, last []byte) []byte {
	if len(full) == 0 {
		return last
	}
	return bytes.Join(append(full, last), nil)
}

func (c *Client) statusError(req *http.Request, resp *http.Response) error {
	const enough = 16 << 10
	body, _ := io.ReadAll(io.LimitReader(resp.Body, enough))
	return Classify(&StatusError{
		Method: req.Method,
		URL:    RedactURL(req.URL),
		Code:   resp.StatusCode,
		Accept: req.Header.Get("Accept"),
		Detail: detail(resp.Header, body, c.creds.scrub),
	}, resp.StatusCode, resp.Header)
}

// CheckJSON reports an answer that does not say it is JSON, and names what came
// instead. It is lenient: every JSON media type will do, whatever its
// parameters, and so will a missing or plain-text type before what looks like
// JSON.
func (a *Answer) CheckJSON() error {
	contentType := a.Header.Get("Content-Type")
	media, _, _ := mime.ParseMediaType(contentType)
	looks := looksJSON(a.Body)
	switch {
	case looksHTML(media, a.Body):
		return fmt.Errorf("%s: the answer is an HTML page, not JSON%s: is this the right address, and does no login page or proxy stand before it?", a.URL, titled(a.Body, a.creds.scrub))
	case media == "application/json" || strings.HasSuffix(media, "+json"):
		return nil
	case looks && (media == "" || media == "text/plain" || media == "application/octet-stream"):
		return nil
	case len(bytes.TrimSpace(a.Body)) == 0:
		return fmt.Errorf("%s: the answer is empty, not JSON", a.URL)
	}
	return fmt.Errorf("%s: the answer is %q, not JSON", a.URL, oneLine(a.creds.scrub(contentType)))
}

func looksJSON(body []byte) bool {
	body = bytes.TrimSpace(body)
	return len(body) > 0 && (body[0] == '{' || body[0] == '[')
}

func looksHTML(media string, body []byte) bool {
	start := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 256)]))
	return media == "text/html" || media == "application/xhtml+xml" ||
		bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
}

var titleTag = regexp.MustCompile(`(?i)<title[^>]*>([^<]+)`)

// titled quotes the title of an HTML page, which often says what the matter is.
func titled(page []byte, clean func(string) string) string {
	match := titleTag.FindStringSubmatch(clean(string(page)))
	if match == nil {
		return ""
	}
	return fmt.Sprintf(" (titled %q)", oneLine(clean(html.UnescapeString(match[1]))))
}

// detail is what a server says of its error: the words of a JSON object, as
// TAXII (section 3.6.1) and others write it, or that an HTML page came.
func detail(header http.Header, body []byte, clean func(string) string) string {
	body = []byte(clean(string(body)))
	media, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	if looksHTML(media, body) {
		return "an HTML page" + titled(body, clean)
	}
	return oneLine(clean(strings.Join(errorWords(body), ": ")))
}

func errorWords(body []byte) []string {
	var resource map[string]json.RawMessage
	if err := json.Unmarshal(body, &resource); err != nil {
		return nil
	}
	var words []string
	for _, names := range [][]string{{"title", "name", "error"}, {"description", "message", "reason"}} {
		if text := firstText(resource, names); text != "" {
			words = append(words, text)
		}
	}
	return words
}

func firstText(resource map[string]json.RawMessage, names []string) string {
	for _, name := range names {
		var text string
		if json.Unmarshal(resource[name], &text) == nil && text != "" {
			return text
		}
	}
	return ""
}
