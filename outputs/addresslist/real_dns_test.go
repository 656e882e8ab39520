//go:build real && linux

package addresslist

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

// What the world outside has: every name, at an address that is not listed but
// for one name.
var (
	unlistedAddress = netip.MustParseAddr("45.155.7.10")
	listedAddress   = netip.MustParseAddr("45.155.7.9")
)

const atListedAddress = "at-a-listed-address.example."

// startUpstream starts a name server that knows every name.
func startUpstream(t *testing.T) (port string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer, err := answerTo(buffer[:n]); err == nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	_, port, _ = net.SplitHostPort(conn.LocalAddr().String())
	return port
}

func answerTo(query []byte) ([]byte, error) {
	var message dnsmessage.Message
	if err := message.Unpack(query); err != nil || len(message.Questions) != 1 {
		return nil, errors.Join(err, errors.New("no single question"))
	}
	question := message.Questions[0]
	message.Header.Response, message.Header.RecursionAvailable = true, true
	message.Additionals = nil
	if question.Type == dnsmessage.TypeA {
		address := unlistedAddress
		if strings.EqualFold(question.Name.String(), atListedAddress) {
			address = listedAddress
		}
		message.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: question.Name, Class: question.Class, TTL: 0},
			Body:   &dnsmessage.AResource{A: address.As4()},
		}}
	}
	return message.Pack()
}

// ask asks a resolver for the address of a name, and returns it or the code of
// the answer.
func ask(port, name string) (string, error) {
	conn, err := net.DialTimeout("udp", "127.0.0.1:"+port, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(3 * time.Second))
	query := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: 7, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName(name), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}},
	}
	packed, err := query.Pack()
	if err != nil {
		return "", err
	}
	if _, err := conn.Write(packed); err != nil {
		return "", err
	}
	buffer := make([]byte, 4096)
	n, err := conn.Read(buffer)
	if err != nil {
		return "", err
	}
	return readAnswer(buffer[:n])
}

func readAnswer(packed []byte) (string, error) {
	var answer dnsmessage.Message
	if err := answer.Unpack(packed); err != nil {
		return "", err
	}
	for _, a := range answer.Answers {
		if body, ok := a.Body.(*dnsmessage.AResource); ok {
			return netip.AddrFrom4(body.A).String(), nil
		}
	}
	return strings.TrimPrefix(answer.RCode.String(), "RCode"), nil
}

// wantAnswers asks until the resolver is up and then holds it to the answers.
func wantAnswers(t *testing.T, port string, want map[string]string) {
	t.Helper()
	eventually(t, "asking the resolver", func() error {
		got, err := ask(port, "unlisted.example.")
		if err == nil && got != unlistedAddress.String() {
			err = fmt.Errorf("it answers %s", got)
		}
		return err
	})
	for name, answer := range want {
		if got, err := ask(port, name); err != nil || got != answer {
			t.Errorf("the answer for %s is %s (%v), want %s", name, got, err, answer)
		}
	}
}

// namesAnswered is what a resolver with the list of blockedNames answers, which
// denies a name alone and a whole domain in these words.
func namesAnswered(alone, domain string) map[string]string {
	open := unlistedAddress.String()
	return map[string]string{
		"update.grid-portal.net.":        alone,
		"UPDATE.Grid-Portal.Net.":        alone,
		"x.update.grid-portal.net.":      open,
		"grid-portal.net.":               open,
		"update.grid-portal.network.":    open,
		"notupdate.grid-portal.net.":     open,
		"grid-portal.org.":               domain,
		"cdn.grid-portal.org.":           domain,
		"a.b.grid-portal.org.":           domain,
		"notgrid-portal.org.":            open,
		"grid-portal.org.evil.example.":  open,
		"another-name.that-is-free.org.": open,
	}
}

// blocklist is an output at work on a real reader.
type blocklist struct {
	output outputs.Output
	path   string
}

// newBlocklist opens a list in a dialect at a path that a server can read.
func newBlocklist(t *testing.T, dialect string, change func(*Settings)) *blocklist {
	t.Helper()
	settings := inDialect(t, dialect)
	settings.Path = filepath.Join(readable(t), "list")
	if change != nil {
		change(settings)
	}
	if err := settings.Validate(); err != nil {
		t.Fatal(err)
	}
	output, err := settings.Open(plugin.Env{Site: "plant-07", Name: "edge", State: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return &blocklist{output, settings.Path}
}

func (b *blocklist) deliver(t *testing.T, entries ...indicator.Entry) {
	t.Helper()
	if _, err := b.output.Deliver(t.Context(), delivery(entries...)); err != nil {
		t.Fatal(err)
	}
}

// withAddress adds the address that atListedAddress has.
func withAddress(entries []indicator.Entry) []indicator.Entry {
	return append(slices.Clip(entries), about(indicator.IP, "45.155.7.8/31", indicator.ScopeExact, indicator.DirectionTo),
		about(indicator.IP, "2a0e:b107:40::/48", indicator.ScopeExact, indicator.DirectionTo),
		about(indicator.IP, "2a0e:b107::9", indicator.ScopeExact, indicator.DirectionTo),
		about(indicator.IP, "2a0e:b107:0:1::", indicator.ScopeExact, indicator.DirectionTo))
}

const zone = "rpz.indicatord.invalid"

func TestRealBIND(t *testing.T) {
	named, rndc := program(t, "named", "bind9"), program(t, "rndc", "bind9-utils")
	checkConf, checkZone := program(t, "named-checkconf", "bind9-utils"), program(t, "named-checkzone", "bind9-utils")
	dir, port, control, upstream := readable(t), freePort(t), freePort(t), startUpstream(t)
	key := `key "rndc-key" { algorithm hmac-sha256; secret "c2VjcmV0IG9mIGEgdGVzdCBhbmQgbm90aGluZyBlbHNl"; };` + "\n"
	rndcConf := configure(t, dir, "rndc.conf", key+"options { default-key rndc-key; default-server 127.0.0.1; default-port "+control+"; };\n")
	list := newBlocklist(t, "rpz", func(s *Settings) {
		s.Reload.Command = []string{rndc, "-c", rndcConf, "reload", zone}
		s.Reload.Timeout = 10 * time.Second
	})
	conf := configure(t, dir, "named.conf", key+fmt.Sprintf(`
controls { inet 127.0.0.1 port %s allow { 127.0.0.1; } keys { "rndc-key"; }; };
options {
	directory %q; pid-file none; session-keyfile none;
	listen-on port %s { 127.0.0.1; }; listen-on-v6 { none; };
	recursion yes; forward only; forwarders { 127.0.0.1 port %s; }; dnssec-validation no;
	response-policy { zone %q; } min-update-interval 0 qname-wait-recurse no;
};
zone %q { type primary; file %q; };
`, control, dir, port, upstream, zone, zone, list.path))
	configure(t, filepath.Dir(list.path), "list", "$TTL 300\n@ SOA localhost. hostmaster.localhost. 1 3600 600 604800 300\n@ NS localhost.\n")
	run(t, checkConf, conf)
	said := serve(t, named, "-g", "-c", conf)
	wantAnswers(t, port, map[string]string{"update.grid-portal.net.": unlistedAddress.String()})

	// The reload command of the output takes it from here.
	list.deliver(t, withAddress(blockedNames())...)
	if printed := run(t, checkZone, zone, list.path); !strings.Contains(printed, "OK") || strings.Contains(printed, "warning") {
		t.Errorf("named-checkzone: %s", printed)
	}
	want := namesAnswered("NameError", "NameError")
	want[atListedAddress] = "NameError"
	eventually(t, "the zone is loaded", func() error { return answers(port, "update.grid-portal.net.", "NameError") })
	wantAnswers(t, port, want)
	if strings.Contains(said.String(), "invalid rpz") {
		t.Error("BIND does not understand an address")
	}

	list.deliver(t, blockedNames()[1])
	eventually(t, "a name that has left the list", func() error {
		return answers(port, "update.grid-portal.net.", unlistedAddress.String())
	})
	wantAnswers(t, port, map[string]string{"cdn.grid-portal.org.": "NameError"})
}

// answers reports a resolver that does not answer as it should.
func answers(port, name, want string) error {
	got, err := ask(port, name)
	if err == nil && got != want {
		err = fmt.Errorf("%s is answered with %s, want %s", name, got, want)
	}
	return err
}

func unboundConf(t *testing.T, dir, port, control, upstream, more string) string {
	t.Helper()
	return configure(t, dir, "unbound.conf", fmt.Sprintf(`
server:
	interface: 127.0.0.1
	port: %s
	directory: %q
	username: ""
	chroot: ""
	pidfile: ""
	use-syslog: no
	do-not-query-localhost: no
	module-config: "respip iterator"
forward-zone:
	name: "."
	forward-addr: 127.0.0.1@%s
remote-control:
	control-enable: yes
	control-use-cert: no
	control-interface: 127.0.0.1
	control-port: %s
%s`, port, dir, upstream, control, more))
}

func TestRealUnboundWithPolicyZone(t *testing.T) {
	unbound, unboundControl := program(t, "unbound", "unbound"), program(t, "unbound-control", "unbound")
	checkConf := program(t, "unbound-checkconf", "unbound")
	dir, port, control := readable(t), freePort(t), freePort(t)
	list := newBlocklist(t, "rpz", nil)
	list.deliver(t, withAddress(blockedNames())...)
	conf := unboundConf(t, dir, port, control, startUpstream(t), fmt.Sprintf("rpz:\n\tname: %s\n\tzonefile: %q\n", zone, list.path))
	run(t, checkConf, conf)
	serve(t, unbound, "-d", "-c", conf)
	want := namesAnswered("NameError", "NameError")
	want[atListedAddress] = "NameError"
	wantAnswers(t, port, want)

	list.deliver(t, blockedNames()[1])
	run(t, unboundControl, "-c", conf, "auth_zone_reload", zone)
	wantAnswers(t, port, map[string]string{
		"update.grid-portal.net.": unlistedAddress.String(), "cdn.grid-portal.org.": "NameError", atListedAddress: listedAddress.String(),
	})
}

func TestRealUnboundWithLocalZones(t *testing.T) {
	unbound, unboundControl := program(t, "unbound", "unbound"), program(t, "unbound-control", "unbound")
	checkConf := program(t, "unbound-checkconf", "unbound")
	dir, port, control := readable(t), freePort(t), freePort(t)
	var conf string
	list := newBlocklist(t, "unbound", nil)
	list.deliver(t, blockedNames()...)
	conf = unboundConf(t, dir, port, control, startUpstream(t), fmt.Sprintf("include: %q\n", list.path))
	run(t, checkConf, conf)
	serve(t, unbound, "-d", "-c", conf)
	wantAnswers(t, port, namesAnswered("0.0.0.0", "NameError"))

	list.deliver(t, blockedNames()[1])
	run(t, unboundControl, "-c", conf, "reload")
	wantAnswers(t, port, map[string]string{"update.grid-portal.net.": unlistedAddress.String(), "cdn.grid-portal.org.": "NameError"})
}

func TestRealKnotResolver(t *testing.T) {
	kresd := program(t, "kresd", "knot-resolver")
	dir, port := readable(t), freePort(t)
	list := newBlocklist(t, "rpz", nil)
	list.deliver(t, blockedNames()...)
	conf := configure(t, dir, "kresd.conf", fmt.Sprintf(`
net.listen('127.0.0.1', %s, { kind = 'dns' })
trust_anchors.remove('.')
modules.load('policy')
cache.size = 1 * MB
policy.add(policy.rpz(policy.DENY, '%s', false))
policy.add(policy.all(policy.STUB('127.0.0.1@%s')))
`, port, list.path, startUpstream(t)))
	serve(t, kresd, "-n", "-c", conf, dir)
	wantAnswers(t, port, namesAnswered("NameError", "NameError"))
}

func TestRealPowerDNSRecursor(t *testing.T) {
	recursor, control := program(t, "pdns_recursor", "pdns-recursor"), program(t, "rec_control", "pdns-recursor")
	dir, port := readable(t), freePort(t)
	list := newBlocklist(t, "rpz", nil)
	list.deliver(t, withAddress(blockedNames())...)
	lua := configure(t, dir, "rpz.lua", fmt.Sprintf("rpzFile(%q, {policyName=\"indicatord\"})\n", list.path))
	configure(t, dir, "recursor.conf", fmt.Sprintf("local-address=127.0.0.1\nlocal-port=%s\nsocket-dir=%s\nforward-zones-recurse=.=127.0.0.1:%s\n"+
		"lua-config-file=%s\ndnssec=off\ndaemon=no\ndont-query=\nsetuid=\nsetgid=\nthreads=1\npacketcache-ttl=0\nmax-cache-ttl=15\nwrite-pid=no\n", port, dir, startUpstream(t), lua))
	serve(t, recursor, "--config-dir="+dir)
	want := namesAnswered("NameError", "NameError")
	want[atListedAddress] = "NameError"
	wantAnswers(t, port, want)

	list.deliver(t, blockedNames()[1])
	run(t, control, "--config-dir="+dir, "--socket-dir="+dir, "reload-lua-config")
	eventually(t, "a name that has left the list", func() error {
		return answers(port, "update.grid-portal.net.", unlistedAddress.String())
	})
}

func TestRealDnsmasq(t *testing.T) {
	dnsmasq := program(t, "dnsmasq", "dnsmasq-base")
	for _, c := range []struct{ dialect, option string }{{"dnsmasq", "--conf-file="}, {"hosts", "--addn-hosts="}} {
		t.Run(c.dialect, func(t *testing.T) {
			port := freePort(t)
			list := newBlocklist(t, c.dialect, nil)
			list.deliver(t, blockedNames()...)
			args := []string{
				"--keep-in-foreground", "--no-resolv", "--no-hosts", "--bind-interfaces", "--listen-address=127.0.0.1", "--port=" + port,
				"--server=127.0.0.1#" + startUpstream(t), "--user=root", "--pid-file=", "--cache-size=0", c.option + list.path,
			}
			if c.dialect == "hosts" {
				args = append(args, "--conf-file=/dev/null")
			}
			run(t, dnsmasq, append(args, "--test")...)
			serve(t, dnsmasq, args...)
			want := namesAnswered("0.0.0.0", "NameError")
			if c.dialect == "hosts" {
				// The format has names alone.
				want["grid-portal.org."] = "0.0.0.0"
				want["cdn.grid-portal.org."], want["a.b.grid-portal.org."] = unlistedAddress.String(), unlistedAddress.String()
			}
			wantAnswers(t, port, want)
		})
	}
}
