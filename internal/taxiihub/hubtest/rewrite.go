package hubtest

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
)

// record serves a request without gzip, so that the body can be read.
func record(hub http.Handler, r *http.Request) *httptest.ResponseRecorder {
	clone := r.Clone(r.Context())
	clone.Header.Del("Accept-Encoding")
	answer := httptest.NewRecorder()
	hub.ServeHTTP(answer, clone)
	return answer
}

// rewrite is a fault that changes the hub's answer before it is sent.
func rewrite(change func(*httptest.ResponseRecorder)) Fault {
	return func(hub http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := record(hub, r)
			change(answer)
			maps.Copy(w.Header(), answer.Header())
			send(w, answer.Code, answer.Header().Get("Content-Type"), answer.Body.Bytes())
		})
	}
}

// rewriteEnvelope is a fault that changes a page before it is sent. An answer
// that is no page stays as it is.
func rewriteEnvelope(change func(map[string]json.RawMessage)) Fault {
	return rewrite(func(answer *httptest.ResponseRecorder) {
		envelope := map[string]json.RawMessage{}
		if answer.Code != http.StatusOK || json.Unmarshal(answer.Body.Bytes(), &envelope) != nil {
			return
		}
		change(envelope)
		body, _ := json.Marshal(envelope)
		answer.Body = bytes.NewBuffer(body)
	})
}

func send(w http.ResponseWriter, status int, mediaType string, body []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
