package elasticsearch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// report tells a person of the requests that change something.
type report struct {
	to io.Writer
	// rehearsed is whether the requests are shown in full and not sent.
	rehearsed bool
	// made is whether the index would have been made by now.
	made bool
}

// told tells of a request that has succeeded.
func (r *report) told(req *http.Request) {
	if r != nil && req.Method != http.MethodGet {
		fmt.Fprintf(r.to, "done: %s %s\n", req.Method, req.URL.Path)
	}
}

// rehearse shows a request as the console of Kibana takes it, and answers as a
// cluster does that has nothing.
func (r *report) rehearse(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet && !r.made {
		return success(req, answerOf(http.StatusNotFound, `{}`))
	}
	if req.Method == http.MethodGet {
		return answerOf(http.StatusOK, `{"index": {}}`), nil
	}
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, fmt.Errorf("reading a request: %w", err)
		}
	}
	r.made = r.made || !strings.HasPrefix(req.URL.Path, "/_")
	console(r.to, req.Method, req.URL.Path, body)
	return answerOf(http.StatusOK, `{}`), nil
}

func answerOf(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// console writes a request as the console of Kibana takes it.
func console(to io.Writer, method, path string, body []byte) {
	var text bytes.Buffer
	if json.Indent(&text, body, "", "  ") != nil {
		text.Reset()
	}
	fmt.Fprintf(to, "%s %s\n%s\n\n", method, path, &text)
}
