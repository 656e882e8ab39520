package taxiihub

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// problem is the error message of TAXII 2.1, section 3.6.1.
type problem struct {
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	HTTPStatus  string `json:"http_status"`

	status int
}

// problemf makes the error message for an HTTP status; its title is the
// status's own text.
func problemf(status int, format string, args ...any) *problem {
	return &problem{
		Title:       http.StatusText(status),
		Description: fmt.Sprintf(format, args...),
		HTTPStatus:  strconv.Itoa(status),
		status:      status,
	}
}

// Error returns the description.
func (p *problem) Error() string { return p.Description }

func (p *problem) write(w http.ResponseWriter) {
	body, _ := json.Marshal(p) // strings always marshal
	writeBody(w, p.status, body)
}

// writeBody sends a whole answer in the one media type that the hub has.
func writeBody(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", MediaTypeTAXII)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone has no use for the error
}
