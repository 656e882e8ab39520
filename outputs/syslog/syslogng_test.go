//go:build real

package syslog

import (
	"testing"
	"text/template"
)

// newSyslogNG starts syslog-ng, or skips the test where it is missing.
func newSyslogNG(t *testing.T, inputs string) *daemon {
	t.Helper()
	return newDaemon(t, "syslog-ng", "syslog-ng-core",
		"--foreground --no-caps --cfgfile=DIR/conf --persist-file=DIR/persist --pidfile=DIR/pid --control=DIR/control", syslogNGConf, inputs)
}

var syslogNGConf = template.Must(template.New("syslog-ng").Parse(`@version: 3.38
options { keep-hostname(yes); use-dns(no); log-msg-size(65536); ts-format(iso); frac-digits(3); };
source received { {{.Inputs}} };
destination file {
  file("{{.Dir}}/events" time-zone("UTC") template("$(format-json pri=\"${PRI}\" time=\"${ISODATE}\" host=\"${HOST}\" app=\"${PROGRAM}\" proc=\"${PID:--}\" type=\"${MSGID}\" data=\"${SDATA}\" text=\"${MSG}\")\n"));
};
log { source(received); destination(file); };
`))

// The sources of syslog-ng.
const (
	ngTCP     = `syslog(transport("tcp") ip("127.0.0.1") port({{.Port}}));`
	ngNewline = `network(transport("tcp") ip("127.0.0.1") port({{.Port}}) flags(syslog-protocol));`
	ngUDP     = `syslog(transport("udp") ip("127.0.0.1") port({{.Port}}) so-rcvbuf(8388608));`
	ngTLS     = `syslog(transport("tls") ip("127.0.0.1") port({{.Port}})
  tls(key-file("{{.Key}}") cert-file("{{.Cert}}") ca-file("{{.CA}}") peer-verify(required-trusted)));`
	ngSocket = `unix-dgram("{{.Dir}}/log" flags(syslog-protocol));`
)
