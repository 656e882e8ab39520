package taxiihub

import (
	"context"
	"net"
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"github.com/indicatord/indicatord/internal/secret"
)

func TestServeEndsWithItsContext(t *testing.T) {
	defer goleak.VerifyNone(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hub, _, _ := newHub(Options{})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- hub.Serve(ctx, listener) }()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+"/taxii2/", nil)
	r.Header.Set("Accept", MediaTypeTAXII)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("got %s", response.Status)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Serve returned %v", err)
	}
	if _, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		t.Error("the listener is still open")
	}
}

func TestServeReportsABrokenListener(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := New(Options{}).Serve(t.Context(), listener); err == nil {
		t.Error("Serve returned nil")
	}
}

func TestCredentials(t *testing.T) {
	both := Credentials{Username: "site", Password: secret.New("s3cret:with colon"), Bearer: secret.New("t0ken")}
	basic := Credentials{Username: both.Username, Password: both.Password}
	bearer := Credentials{Bearer: both.Bearer}
	asBasic := func(user, password string) string {
		r, _ := http.NewRequest(http.MethodGet, "/", nil)
		r.SetBasicAuth(user, password)
		return r.Header.Get("Authorization")
	}
	good := asBasic("site", "s3cret:with colon")
	tests := []struct {
		name          string
		credentials   Credentials
		authorization string
		want          int
		challenges    int
	}{
		{"open hub", Credentials{}, "", 200, 0},
		{"open hub, credentials nobody asked for", Credentials{}, good, 200, 0},
		{"none shown", both, "", 401, 2},
		{"user and password", both, good, 200, 0},
		{"wrong password", basic, asBasic("site", "guess"), 401, 1},
		{"wrong user", basic, asBasic("root", "s3cret:with colon"), 401, 1},
		{"token", both, "Bearer t0ken", 200, 0},
		{"scheme in small letters", bearer, "bearer t0ken", 200, 0},
		{"wrong token", bearer, "Bearer guess", 401, 1},
		{"empty token", bearer, "Bearer ", 401, 1},
		{"token where only a user is known", basic, "Bearer ", 401, 1},
		{"user where only a token is known", bearer, asBasic("", ""), 401, 1},
		{"another scheme", both, "Token t0ken", 401, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			hub, _, _ := newHub(Options{Credentials: test.credentials})
			response := get(hub, "/taxii2/", "Authorization", test.authorization)
			if response.StatusCode != test.want {
				t.Errorf("got %s, want %d", response.Status, test.want)
			}
			if got := len(response.Header.Values("WWW-Authenticate")); got != test.challenges {
				t.Errorf("%d challenges, want %d", got, test.challenges)
			}
		})
	}
}
