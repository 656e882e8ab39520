package agent

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestAListServerThatCannotListenIsAnAlarm, and all else goes on.
func TestAListServerThatCannotListenIsAnAlarm(t *testing.T) {
	s := newStand(t)
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	g, _ := s.generation(oneLine)
	t.Cleanup(func() { _ = g.close() })
	g.config.Lists.Listen = taken.Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		g.serveLists(ctx)
	}()
	for g.lists.trouble() == "" && t.Context().Err() == nil {
		sleep(ctx, listenAgain/1000)
	}
	status, err := g.inspector().Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(status.Alarms) != 1 || status.Alarms[0].Name != "lists-not-served" || !strings.Contains(status.Alarms[0].Text, taken.Addr().String()) {
		t.Errorf("the alarms are %+v", status.Alarms)
	}
	cancel()
	<-ended
	if !strings.Contains(s.log.String(), "lists are not served") {
		t.Error("the log does not say so")
	}
}

// TestListsAreServed while the generation works, and no longer. Before anything was
// delivered a device is told to come again.
func TestListsAreServed(t *testing.T) {
	s := newStand(t)
	g, _ := s.generation(oneLine)
	t.Cleanup(func() { _ = g.close() })
	g.config.Lists.Listen = "127.0.0.1:0"
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	server := g.listen(ctx)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+server.Addr().String()+"/lists/edge", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusUnauthorized || g.lists.trouble() != "" {
		t.Errorf("a stranger is answered with %s, the trouble is %q", answer.Status, g.lists.trouble())
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}
