//go:build real && linux

package addresslist

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// loopbackAddresses are a list that tests can send from or to: 127.0.0.0/8 is all
// on the loopback.
func loopbackAddresses() []indicator.Entry {
	var all []indicator.Entry
	for _, value := range []string{"127.0.4.4", "127.0.8.0/23", "127.0.9.7", "2a0e:b107:40::/48"} {
		all = append(all, about(indicator.IP, value, indicator.ScopeExact, indicator.DirectionTo))
	}
	return all
}

// answersFrom are the addresses in and around that list, and whether they are in
// it.
var answersFrom = map[string]bool{
	"127.0.4.4": true, "127.0.8.0": true, "127.0.9.7": true, "127.0.9.255": true,
	"127.0.4.3": false, "127.0.4.5": false, "127.0.7.255": false, "127.0.10.0": false, "127.0.0.1": false,
}

// get asks a server for a page, from an address and in the name of a host.
func get(from, server, host string) (int, error) {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 2 * time.Second}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "tcp", server)
		},
		DisableKeepAlives: true,
	}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequest(http.MethodGet, "http://"+host+"/", http.NoBody)
	if err != nil {
		return 0, err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	return response.StatusCode, nil
}

// wantFrom holds a server to what it lets through.
func wantFrom(t *testing.T, server string) {
	t.Helper()
	eventually(t, "the server answers", func() error {
		status, err := get("127.0.0.1", server, "site.example")
		if err == nil && status != 200 {
			err = fmt.Errorf("it answers %d", status)
		}
		return err
	})
	for from, listed := range answersFrom {
		want := 200
		if listed {
			want = 403
		}
		if status, err := get(from, server, "site.example"); err != nil || status != want {
			t.Errorf("a request from %s is answered with %d (%v), want %d", from, status, err, want)
		}
	}
}

func TestRealNginx(t *testing.T) {
	nginx := program(t, "nginx", "nginx-light")
	for _, c := range []struct{ dialect, http, location string }{
		{"nginx-geo", "geo $bad { default 0; include LIST; }", "if ($bad) { return 403; } return 200 ok;"},
		{"nginx-deny", "include LIST;", "try_files /page =404;"},
	} {
		t.Run(c.dialect, func(t *testing.T) {
			dir, port := readable(t), freePort(t)
			configure(t, dir, "page", "ok")
			conf := dir + "/nginx.conf"
			list := newBlocklist(t, c.dialect, func(s *Settings) {
				s.Reload.Command = []string{nginx, "-t", "-q", "-c", conf}
			})
			configure(t, dir, "nginx.conf", strings.NewReplacer("DIR", dir, "PORT", port, "LIST", list.path).Replace(`
daemon off; pid DIR/pid; error_log DIR/error.log; user root; worker_processes 1;
events {}
http {
	access_log off; client_body_temp_path DIR/b; proxy_temp_path DIR/p; fastcgi_temp_path DIR/f; uwsgi_temp_path DIR/u; scgi_temp_path DIR/s;
	`+c.http+`
	server { listen 127.0.0.1:PORT; root DIR; location / { `+c.location+` } }
}
`))
			list.deliver(t, loopbackAddresses()...)
			serve(t, nginx, "-c", conf)
			wantFrom(t, "127.0.0.1:"+port)
		})
	}
}

func TestRealHAProxy(t *testing.T) {
	haproxy := program(t, "haproxy", "haproxy")
	dir, port := readable(t), freePort(t)
	addresses, names := newBlocklist(t, "haproxy", nil), newBlocklist(t, "haproxy", nil)
	addresses.deliver(t, loopbackAddresses()...)
	names.deliver(t, blockedNames()...)
	conf := configure(t, dir, "haproxy.cfg", strings.NewReplacer("PORT", port, "ADDRESSES", addresses.path, "NAMES", names.path).Replace(`
defaults
	mode http
	timeout connect 2s
	timeout client 5s
	timeout server 5s
frontend site
	bind 127.0.0.1:PORT
	http-request deny deny_status 403 if { src -f ADDRESSES }
	http-request deny deny_status 403 if { req.hdr(host),host_only,lower -m str -f NAMES }
	http-request return status 200
`))
	run(t, haproxy, "-c", "-f", conf)
	serve(t, haproxy, "-db", "-f", conf)
	server := "127.0.0.1:" + port
	wantFrom(t, server)
	for host, want := range map[string]int{
		"update.grid-portal.net": 403, "UPDATE.grid-portal.net:8080": 403, "grid-portal.org": 403,
		"x.update.grid-portal.net": 200, "update.grid-portal.network": 200, "grid-portal.net": 200,
	} {
		if status, err := get("127.0.0.1", server, host); err != nil || status != want {
			t.Errorf("the host %s is answered with %d (%v), want %d", host, status, err, want)
		}
	}
}

func TestRealSquid(t *testing.T) {
	squid := program(t, "squid", "squid")
	dir, port := readable(t), freePort(t)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	defer site.Close()
	_, sitePort, _ := net.SplitHostPort(strings.TrimPrefix(site.URL, "http://"))
	addresses, names := newBlocklist(t, "squid-ip", nil), newBlocklist(t, "squid-domain", nil)
	addresses.deliver(t, loopbackAddresses()...)
	names.deliver(t, append(blockedNames(), about(indicator.Domain, "cdn.grid-portal.org", indicator.ScopeSubdomains, indicator.DirectionTo))...)
	hosts := configure(t, dir, "hosts", "127.0.0.1 "+strings.Join([]string{
		"free.example", "update.grid-portal.net", "x.update.grid-portal.net", "grid-portal.net", "grid-portal.org", "cdn.grid-portal.org", "a.cdn.grid-portal.org", "notgrid-portal.org",
	}, " ")+"\n")
	conf := configure(t, dir, "squid.conf", strings.NewReplacer("DIR", dir, "PORT", port, "ADDRESSES", addresses.path, "NAMES", names.path, "HOSTS", hosts).Replace(`
http_port 127.0.0.1:PORT
cache_effective_user proxy
pid_filename none
cache deny all
cache_log DIR/cache.log
access_log none
hosts_file HOSTS
shutdown_lifetime 0 seconds
visible_hostname proxy.example
acl bad_names dstdomain "NAMES"
acl bad_addresses dst "ADDRESSES"
http_access deny bad_names
http_access deny bad_addresses
http_access allow all
`))
	printed := run(t, squid, "-k", "parse", "-f", conf)
	for _, bad := range []string{"WARNING", "ERROR", "FATAL"} {
		if strings.Contains(printed, bad) {
			t.Errorf("squid is not content:\n%s", printed)
		}
	}
	serve(t, squid, "-N", "-f", conf)
	through := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: "127.0.0.1:" + port}), DisableKeepAlives: true,
	}}
	fetch := func(host string) (int, error) {
		response, err := through.Get("http://" + host + ":" + sitePort + "/")
		if err != nil {
			return 0, err
		}
		return response.StatusCode, response.Body.Close()
	}
	eventually(t, "the proxy answers", func() error { _, err := fetch("free.example"); return err })
	for host, want := range map[string]int{
		"update.grid-portal.net": 403, "grid-portal.org": 403, "cdn.grid-portal.org": 403, "a.cdn.grid-portal.org": 403,
		"x.update.grid-portal.net": 200, "grid-portal.net": 200, "notgrid-portal.org": 200, "free.example": 200,
		"127.0.4.4": 403, "127.0.9.7": 403, "127.0.8.0": 403, "127.0.0.1": 200,
	} {
		if status, err := fetch(host); err != nil || status != want {
			t.Errorf("the host %s is answered with %d (%v), want %d", host, status, err, want)
		}
	}
}
