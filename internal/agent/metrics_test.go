package agent

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestMetricsAreShown while the generation works, and no longer.
func TestMetricsAreShown(t *testing.T) {
	s := newStand(t)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	g, _ := s.generation("metrics: {listen: " + `"` + address + `"}` + oneLine)
	t.Cleanup(func() { _ = g.close() })
	hide := g.exposeMetrics(t.Context())
	if text, err := get(t, "http://"+address+"/metrics"); err != nil || !strings.Contains(text, `indicatord_info{site="plant-07",version="test"} 1`) {
		t.Errorf("%v %s", err, text)
	}
	hide()
	if _, err := get(t, "http://"+address+"/metrics"); err == nil {
		t.Error("metrics are shown after the end")
	}
}

func get(t *testing.T, url string) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}
