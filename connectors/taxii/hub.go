package taxii

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
)

// The media types of requests (section 1.6.8). The second is for servers that
// refuse the first because of its parameter.
const (
	mediaType        = "application/taxii+json;version=2.1"
	mediaTypeGeneric = "application/taxii+json"
)

// hub sends requests to a TAXII server.
type hub struct {
	client *httpx.Client
	accept string
}

func (h *hub) close() { h.client.CloseIdleConnections() }

// get fetches a resource, which must be JSON. A request that is refused with
// 406 is sent once more with the other media type, which is then kept.
func (h *hub) get(ctx context.Context, address string) (*httpx.Answer, error) {
	answer, err := h.send(ctx, address)
	if statusOf(err) == http.StatusNotAcceptable && h.accept != mediaTypeGeneric {
		h.accept = mediaTypeGeneric
		if answer, err = h.send(ctx, address); statusOf(err) == http.StatusNotAcceptable {
			err = fmt.Errorf("%w, and before that with %s", err, mediaType)
		}
	}
	if err != nil {
		return nil, err
	}
	return answer, answer.CheckJSON()
}

func (h *hub) send(ctx context.Context, address string) (*httpx.Answer, error) {
	return h.client.Get(ctx, address, http.Header{"Accept": {h.accept}})
}

// read fetches a resource into a struct.
func (h *hub) read(ctx context.Context, address string, resource any) error {
	answer, err := h.get(ctx, address)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(answer.Body, resource); err != nil {
		return fmt.Errorf("%s: the answer is not the JSON of a TAXII resource: %w", answer.URL, err)
	}
	return nil
}

// statusOf returns the status that made an error, 0 if none did.
func statusOf(err error) int {
	if status, ok := errors.AsType[*httpx.StatusError](err); ok {
		return status.Code
	}
	return 0
}

// hidden reports whether an error says that there is nothing to be seen, which
// a server may answer to whoever may not see it (section 1.6.9).
func hidden(err error) bool {
	switch statusOf(err) {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return true
	}
	return false
}

// permanentf makes an error that only a person can mend.
func permanentf(format string, args ...any) error {
	return plugin.Permanent(fmt.Errorf(format, args...))
}
