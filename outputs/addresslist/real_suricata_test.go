//go:build real && linux

package addresslist

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/netip"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/indicatord/indicatord/internal/indicator"
)

// question is a DNS question on its way to an address.
type question struct{ to, name string }

// datagram returns the IP packet of a question (RFC 791, RFC 8200, RFC 768). Each has
// a port of its own, so that it is a flow of its own.
func (q question) datagram(t *testing.T, port int) []byte {
	t.Helper()
	name, err := dnsmessage.NewName(q.name + ".")
	if err != nil {
		t.Fatal(err)
	}
	message := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: uint16(port), RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}},
	}
	payload, err := message.Pack()
	if err != nil {
		t.Fatal(err)
	}
	udp := binary.BigEndian.AppendUint16(nil, uint16(port))
	udp = binary.BigEndian.AppendUint16(udp, 53)
	udp = binary.BigEndian.AppendUint16(udp, uint16(8+len(payload)))
	udp = append(append(udp, 0, 0), payload...) // Checksums are not looked at.
	to := netip.MustParseAddr(q.to)
	if to.Is4() {
		header := []byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 9}
		binary.BigEndian.PutUint16(header[2:], uint16(20+len(udp)))
		return append(append(header, to.AsSlice()...), udp...)
	}
	header := binary.BigEndian.AppendUint16([]byte{0x60, 0, 0, 0}, uint16(len(udp)))
	header = append(header, 17, 64)
	header = append(header, netip.MustParseAddr("2001:db8::9").AsSlice()...)
	return append(append(header, to.AsSlice()...), udp...)
}

// capture returns the packets of questions as a file of pcap, without link headers.
func capture(t *testing.T, questions []question) string {
	t.Helper()
	var b bytes.Buffer
	const raw = 101 // LINKTYPE_RAW
	b.Write(binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4))
	_ = binary.Write(&b, binary.LittleEndian, struct {
		Major, Minor                 uint16
		Zone, Figures, Longest, Link uint32
	}{2, 4, 0, 0, 65535, raw})
	for i, q := range questions {
		packet := q.datagram(t, 1025+i)
		_ = binary.Write(&b, binary.LittleEndian, []uint32{uint32(1_780_000_000 + i), 0, uint32(len(packet)), uint32(len(packet))})
		b.Write(packet)
	}
	return b.String()
}

const suricataConfiguration = `%%YAML 1.1
---
default-log-dir: %[1]s
classification-file: %[1]s/classification.config
reference-config-file: %[1]s/reference.config
reputation-categories-file: %[1]s/categories.txt
default-reputation-path: %[1]s
reputation-files: [list-iprep]
outputs:
  - fast: {enabled: yes, filename: fast.log}
app-layer:
  protocols:
    dns: {udp: {enabled: yes, detection-ports: {dp: 53}}}
`

// alerted reads fast.log: the sort of the alert and the port of the question.
var alerted = regexp.MustCompile(`\] (\w+) \[\*\*\].*:(\d+) -> `)

// TestRealSuricata replays questions to listed, neighbouring and unlisted addresses
// and for such names, and compares the alerts. The hashes are those of names: a
// dataset of hashes does not know what they are of.
func TestRealSuricata(t *testing.T) {
	suricata := program(t, "suricata", "suricata")
	dir := readable(t)
	deliverAs := func(name string, entries ...indicator.Entry) {
		settings := inDialect(t, name)
		settings.Path = filepath.Join(dir, strings.Replace(name, "suricata", "list", 1))
		deliverTo(t, settings, entries...)
	}
	deliverAs("suricata-ip", entries(indicator.IP, "45.155.7.9", "2a0e:b107::9")...)
	deliverAs("suricata-iprep", entries(indicator.IP, "45.155.8.0/23", "2a0e:b107:40::/48")...)
	deliverAs("suricata-string", entries(indicator.Domain, "grid-portal.net", "xn--fiq228c.cn")...)
	deliverAs("suricata-md5", entries(indicator.MD5, fmt.Sprintf("%x", md5.Sum([]byte("short.net"))))...)
	deliverAs("suricata-sha256", entries(indicator.SHA256, fmt.Sprintf("%x", sha256.Sum256([]byte("long.net"))))...)
	tests := []struct {
		question
		want string
	}{
		{question{"45.155.7.9", "a.net"}, "address"},
		{question{"45.155.7.8", "a.net"}, ""},
		{question{"45.155.7.10", "a.net"}, ""},
		{question{"2a0e:b107::9", "a.net"}, "address"},
		{question{"2a0e:b107::a", "a.net"}, ""},
		{question{"45.155.8.0", "a.net"}, "reputation"},
		{question{"45.155.9.255", "a.net"}, "reputation"},
		{question{"45.155.7.255", "a.net"}, ""},
		{question{"45.155.10.0", "a.net"}, ""},
		{question{"2a0e:b107:40:ffff::1", "a.net"}, "reputation"},
		{question{"2a0e:b107:41::1", "a.net"}, ""},
		{question{"192.0.2.1", "grid-portal.net"}, "name"},
		{question{"192.0.2.1", "www.grid-portal.net"}, ""},
		{question{"192.0.2.1", "portal.net"}, ""},
		{question{"192.0.2.1", "xn--fiq228c.cn"}, "name"},
		{question{"45.155.7.9", "grid-portal.net"}, "address name"},
		{question{"192.0.2.1", "short.net"}, "md5"},
		{question{"192.0.2.1", "long.net"}, "sha256"},
	}
	var questions []question
	for _, test := range tests {
		questions = append(questions, test.question)
	}
	for name, text := range map[string]string{
		"questions.pcap": capture(t, questions), "classification.config": "", "reference.config": "", "categories.txt": "1,blocked,what the hub says\n",
		"suricata.yaml": fmt.Sprintf(suricataConfiguration, dir),
		"list.rules": strings.ReplaceAll(`alert ip any any -> any any (msg:"address"; ip.dst; dataset:isset,addresses,type ip,load DIR/list-ip; sid:1;)
alert ip any any -> any any (msg:"reputation"; iprep:dst,blocked,>,10; sid:2;)
alert dns any any -> any any (msg:"name"; dns.query; dataset:isset,names,type string,load DIR/list-string; sid:3;)
alert dns any any -> any any (msg:"md5"; dns.query; to_md5; dataset:isset,md5s,type md5,load DIR/list-md5; sid:4;)
alert dns any any -> any any (msg:"sha256"; dns.query; to_sha256; dataset:isset,sha256s,type sha256,load DIR/list-sha256; sid:5;)
`, "DIR", dir),
	} {
		configure(t, dir, name, text)
	}
	options := []string{"-c", filepath.Join(dir, "suricata.yaml"), "-S", filepath.Join(dir, "list.rules"), "-l", dir}
	if said := run(t, suricata, append(options, "-T", "-v")...); !strings.Contains(said, "5 rules successfully loaded, 0 rules failed") {
		t.Fatalf("the lists and rules are not right:\n%s", said)
	}
	said := run(t, suricata, append(options, "-r", filepath.Join(dir, "questions.pcap"), "-k", "none", "--runmode", "single")...)
	got := map[string]string{}
	for _, alert := range alerted.FindAllStringSubmatch(read(t, filepath.Join(dir, "fast.log")), -1) {
		got[alert[2]] = strings.TrimSpace(got[alert[2]] + " " + alert[1])
	}
	for i, test := range tests {
		if diff := gocmp.Diff(test.want, got[fmt.Sprint(1025+i)]); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.question, diff)
		}
	}
	if t.Failed() {
		t.Logf("suricata printed:\n%s", said)
	}
}
