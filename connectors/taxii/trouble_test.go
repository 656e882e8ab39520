package taxii

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/taxiihub"
	"github.com/indicatord/indicatord/internal/taxiihub/hubtest"
)

// TestTroubleIsToldAndLosesNothing lets the third page go wrong in every way. The
// pull ends with a line that says what came, and the next one brings the rest.
func TestTroubleIsToldAndLosesNothing(t *testing.T) {
	tests := map[string]struct {
		fault     hubtest.Fault
		want      []string
		permanent bool
		wait      time.Duration
	}{
		"wrong credentials":      {hubtest.Status(401), []string{"401 Unauthorized", "check auth"}, true, 0},
		"refused":                {hubtest.Status(403), []string{"403 Forbidden", "what the account may read"}, true, 0},
		"out of order":           {hubtest.Status(500), []string{"500 Internal Server Error"}, false, 0},
		"bad gateway":            {hubtest.Status(502), []string{"502"}, false, 0},
		"asked to wait long":     {hubtest.TooManyRequests("600"), []string{"429 Too Many Requests"}, false, 10 * time.Minute},
		"down for maintenance":   {hubtest.Status(503, "Retry-After", "120"), []string{"503"}, false, 2 * time.Minute},
		"an HTML page":           {hubtest.HTML(200), []string{"HTML page", "Sign in", "login page"}, false, 0},
		"an HTML error":          {hubtest.HTML(500), []string{"500", "HTML page"}, false, 0},
		"another media type":     {hubtest.ContentType("application/xml"), []string{`"application/xml", not JSON`}, false, 0},
		"half a page":            {hubtest.HalfPage(), []string{"envelope"}, false, 0},
		"a page that is cut":     {hubtest.CutMidPage(), []string{"broke off after"}, false, 0},
		"an answer that is lost": {hubtest.LoseAnswer(), []string{"EOF"}, false, 0},
		"objects that are none":  {hubtest.Objects(`{"id":`), []string{"envelope"}, false, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStand(t, taxiihub.Options{MaxPage: 3}, 12)
			s.Next(nil, nil, tt.fault)
			c := connect(t, s.settings)
			first := fetch(t, c, connectors.State{})
			mustFail(t, first.err, append(tt.want, `collection "High"`, "/api/collections/"+highID+"/objects/")...)
			if got := plugin.IsPermanent(first.err); got != tt.permanent {
				t.Errorf("permanent is %t, want %t: %v", got, tt.permanent, first.err)
			}
			if got := plugin.RetryAfter(first.err); got != tt.wait {
				t.Errorf("asked to wait %s, want %s", got, tt.wait)
			}
			if len(first.pages) != 2 {
				t.Errorf("%d pages came before the trouble, want both", len(first.pages))
			}
			second := fetch(t, c, connectors.State{Cursor: first.cursor})
			mustBring(t, result{pages: append(first.pages, second.pages...), err: second.err}, idsOf(0, 12))
		})
	}
}

func TestAShortWaitIsWaited(t *testing.T) {
	s := newStand(t, taxiihub.Options{MaxPage: 3}, 6)
	s.Next(hubtest.TooManyRequests("0"), nil, hubtest.TooManyRequests("0"))
	mustBring(t, fetch(t, connect(t, s.settings), connectors.State{}), idsOf(0, 6))
}

func TestABrokenObjectIsHandedOverAsItCame(t *testing.T) {
	s := newStand(t, taxiihub.Options{}, 1)
	s.Next(hubtest.Objects(`{"id":"a","id":"b"}, 7, null, [1], {"type":"indicator"}`))
	r := fetch(t, connect(t, s.settings), connectors.State{})
	if r.err != nil || len(r.pages) != 1 {
		t.Fatalf("%d pages, %v", len(r.pages), r.err)
	}
	var got []string
	for _, object := range r.pages[0].Objects {
		got = append(got, string(object))
	}
	want := []string{`{"id":"a","id":"b"}`, "7", "null", "[1]", `{"type":"indicator"}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMediaTypesOfRealServersAreTaken(t *testing.T) {
	for _, mediaType := range []string{
		"application/taxii+json; version=2.1", "application/taxii+json;charset=utf-8;version=2.1",
		"application/stix+json;version=2.1", "application/vnd.oasis.stix+json; version=2.0",
		"application/json", "text/plain", "",
	} {
		s := newStand(t, taxiihub.Options{}, 2)
		s.Always(hubtest.ContentType(mediaType))
		mustBring(t, fetch(t, connect(t, s.settings), connectors.State{}), idsOf(0, 2))
	}
}

func TestAcceptIsNegotiated(t *testing.T) {
	var accepted []string
	refuse := func(takes string) func(http.Handler) http.Handler {
		return func(hub http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				accepted = append(accepted, r.Header.Get("Accept"))
				if r.Header.Get("Content-Type") != "" {
					t.Error("a GET carried a Content-Type")
				}
				if r.Header.Get("Accept") != takes {
					hubtest.Status(http.StatusNotAcceptable)(hub).ServeHTTP(w, r)
					return
				}
				hub.ServeHTTP(w, r)
			})
		}
	}
	t.Run("without the version, once", func(t *testing.T) {
		s := newStand(t, taxiihub.Options{MaxPage: 1}, 2)
		s.Always(refuse(mediaTypeGeneric))
		mustBring(t, fetch(t, connect(t, s.settings), connectors.State{}), idsOf(0, 2))
		if diff := cmp.Diff([]string{mediaType, mediaTypeGeneric, mediaTypeGeneric}, accepted); diff != "" {
			t.Errorf("Accept (-want +got):\n%s", diff)
		}
	})
	t.Run("and an error says what was sent", func(t *testing.T) {
		s := newStand(t, taxiihub.Options{}, 2)
		s.Always(refuse("application/vnd.oasis.taxii+json"))
		err := fetch(t, connect(t, s.settings), connectors.State{}).err
		mustFail(t, err, "406 Not Acceptable", "Accept: "+mediaTypeGeneric, "before that with "+mediaType)
		if !plugin.IsPermanent(err) {
			t.Error("want a permanent error")
		}
	})
}

func TestAHubThatIsAwayIsTold(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	err := fetch(t, connect(t, settingsFor(server.URL+"/taxii2/")), connectors.State{}).err
	mustFail(t, err, server.URL+"/taxii2/", "connection refused")
	if !errors.Is(err, syscall.ECONNREFUSED) || plugin.IsPermanent(err) {
		t.Errorf("want a plain error that keeps its cause: %v", err)
	}
}

func TestASilentHubIsLeft(t *testing.T) {
	s := newStand(t, taxiihub.Options{}, 2)
	s.settings.Timeout = 100 * time.Millisecond
	s.Next(hubtest.Slow(time.Minute))
	mustFail(t, fetch(t, connect(t, s.settings), connectors.State{}).err, "silent for too long", "timeout is 100ms")
}

func TestALargePageIsRefused(t *testing.T) {
	s := newStand(t, taxiihub.Options{}, 50)
	s.settings.MaxResponse = 2000
	mustFail(t, fetch(t, connect(t, s.settings), connectors.State{}).err, "larger than max_response", "2000")
}

func TestTheCertificateOfThePrivateAuthority(t *testing.T) {
	hub := taxiihub.New(taxiihub.Options{})
	hub.Collection(highID, "High", "high")
	server := httptest.NewUnstartedServer(hub.Handler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)

	s := settingsFor(server.URL + "/taxii2/")
	mustFail(t, fetch(t, connect(t, s), connectors.State{}).err, "unknown authority", "set ca")
	s.CA = writeCA(t, server.Certificate())
	mustBring(t, fetch(t, connect(t, s), connectors.State{}), nil)
}

func writeCA(t *testing.T, certificate *x509.Certificate) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
	if err := os.WriteFile(path, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestNoErrorShowsASecret makes a hub that repeats what it was sent, in every
// place from which an error takes words.
func TestNoErrorShowsASecret(t *testing.T) {
	const password = "hunter2-and-longer"
	echo := func(w http.ResponseWriter, r *http.Request) {
		user, given, _ := r.BasicAuth()
		words := r.Header.Get("Authorization") + " " + user + ":" + given
		switch r.URL.Path {
		case "/html/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html><title>"+words+"</title>")
		case "/type/":
			w.Header().Set("Content-Type", words)
		case "/redirect/":
			w.Header().Set("Location", "https://user:"+given+"@other.example/?password="+given)
			w.WriteHeader(http.StatusFound)
		case "/status/":
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"title":"no","description":"`+words+`"}`)
		case "/roots/":
			answer(`{"title":"`+words+`","api_roots":["https://user:`+given+`@[/"]}`)(w, r)
		default:
			answer(`{"title":"T","versions":["`+words+`"]}`)(w, r)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(echo))
	t.Cleanup(server.Close)
	for _, path := range []string{"/html/", "/type/", "/redirect/", "/status/", "/roots/", "/version/"} {
		s := settingsFor(server.URL + path)
		s.Auth.Basic = &httpx.Basic{Username: "site", Password: keep(t, password)}
		err := fetch(t, connect(t, s), connectors.State{}).err
		mustFail(t, err, path)
		for _, secret := range []string{password, "c2l0ZTpodW50ZXIyLWFuZC1sb25nZXI="} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error shows %q: %v", path, secret, err)
			}
		}
	}
}

func TestGzipIsTaken(t *testing.T) {
	s := newStand(t, taxiihub.Options{}, 200)
	compressed := false
	s.Always(func(hub http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hub.ServeHTTP(w, r)
			compressed = w.Header().Get("Content-Encoding") == "gzip"
		})
	})
	mustBring(t, fetch(t, connect(t, s.settings), connectors.State{}), idsOf(0, 200))
	if !compressed {
		t.Error("the hub would compress, and did not")
	}
}

func TestThePageOwnsItsMemory(t *testing.T) {
	s := newStand(t, taxiihub.Options{MaxPage: 3}, 9)
	r := fetch(t, connect(t, s.settings), connectors.State{})
	for _, page := range r.pages {
		for _, object := range page.Objects {
			copied := slices.Clone(object)
			_ = append(object, "overwritten?"...)
			if !bytes.Equal(copied, object) {
				t.Fatal("an object changed")
			}
		}
	}
	mustBring(t, r, idsOf(0, 9))
}
