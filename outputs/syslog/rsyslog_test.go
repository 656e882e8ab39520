//go:build real

package syslog

import (
	"testing"
	"text/template"
)

// newRsyslog starts rsyslogd, or skips the test where it or a module of it is
// missing.
func newRsyslog(t *testing.T, inputs string) *daemon {
	t.Helper()
	return newDaemon(t, "rsyslogd", "rsyslog", "-n -f DIR/conf -i DIR/pid", rsyslogConf, inputs)
}

// rsyslogConf takes events as rsyslog does by default, but handles each before
// it takes the next: what it has acknowledged is in the file. It writes the
// fields of an event as one JSON object a line.
var rsyslogConf = template.Must(template.New("rsyslog").Parse(`
global(workDirectory="{{.Dir}}")
main_queue(queue.type="Direct")
{{.Inputs}}
template(name="fields" type="list" option.jsonf="on") {
  property(outname="pri" name="pri" format="jsonf")
  property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="proc" name="procid" format="jsonf")
  property(outname="type" name="msgid" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="text" name="msg" format="jsonf")
}
action(type="omfile" file="{{.Dir}}/events" template="fields" ioBufferSize="64k")
`))

// The inputs of rsyslog. Those that need a module of another package say which.
const (
	imtcp = `
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="{{.Port}}")`

	imudp = `
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="{{.Port}}" rcvbufSize="8m")`

	imuxsock = `
module(load="imuxsock" sysSock.use="off")
input(type="imuxsock" socket="{{.Dir}}/log" useSpecialParser="off" useSysTimeStamp="off" ignoreTimestamp="off" parseHostname="on" rateLimit.interval="0")`

	imrelp = `
module(load="imrelp")
input(type="imrelp" address="127.0.0.1" port="{{.Port}}")`

	imrelpTLS = `
module(load="imrelp" tls.tlslib="openssl")
input(type="imrelp" address="127.0.0.1" port="{{.Port}}" tls="on" tls.caCert="{{.CA}}" tls.myCert="{{.Cert}}" tls.myPrivKey="{{.Key}}"
  tls.authMode="name" tls.permittedPeer=["gate.example"])`

	imtcpGnuTLS = `
global(defaultNetstreamDriverCAFile="{{.CA}}" defaultNetstreamDriverCertFile="{{.Cert}}" defaultNetstreamDriverKeyFile="{{.Key}}")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="x509/name" permittedPeer=["gate.example"])
input(type="imtcp" address="127.0.0.1" port="{{.Port}}")`

	imtcpOpenSSL = `
global(defaultNetstreamDriverCAFile="{{.CA}}" defaultNetstreamDriverCertFile="{{.Cert}}" defaultNetstreamDriverKeyFile="{{.Key}}")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="x509/name" permittedPeer=["gate.example"])
input(type="imtcp" address="127.0.0.1" port="{{.Port}}")`
)
