package config_test

import (
	"fmt"
	"strings"
	"testing"

	allconnectors "github.com/indicatord/indicatord/connectors/all"
	"github.com/indicatord/indicatord/internal/config"
	alloutputs "github.com/indicatord/indicatord/outputs/all"
)

// TestServedNamesDoNotOverlap: two outputs that write one file would replace each
// other's lists.
func TestServedNamesDoNotOverlap(t *testing.T) {
	for _, test := range []struct{ one, other, want string }{
		{"edge", "inner", ""},
		{"edge", "edge-{part}", ""},
		{"edge-{part}", "edge-2", `both stand for the file "edge-2"`},
		{"edge-{family}", "edge-ip6", `both stand for the file "edge-ip6"`},
		{"edge", "edge", "edge"},
	} {
		text := "site: plant-07\nlists: {listen: '127.0.0.1:8080', clients: [{name: fw, token: {env: X}, lists: ['" + test.one + "']}]}\noutputs:\n"
		for i, name := range []string{test.one, test.other} {
			size := ""
			if strings.Contains(name, "{part}") {
				size = ", part_entries: 1000"
			}
			text += fmt.Sprintf("- {name: out-%d, type: addresslist, select: {kinds: [ip]}, settings: {serve: '%s'%s}}\n", i, name, size)
		}
		_, found := config.Parse("test.yaml", []byte(text), config.Plugins{Connectors: allconnectors.Specs(), Outputs: alloutputs.Specs()})
		err := found.Err()
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s and %s: %v, want %q", test.one, test.other, err, test.want)
		}
	}
}

// TestFilesStayOutOfTheServedLists: they could take the place of one.
func TestFilesStayOutOfTheServedLists(t *testing.T) {
	for _, test := range []struct{ lists, path, want string }{
		{"", "/var/lib/indicatord/lists/edge", `test.yaml:5:75: outputs[1].settings.path: /var/lib/indicatord/lists is the directory of the served lists: write this file elsewhere`},
		{"", "/var/lib/indicatord/other/edge", ""},
		{"directory: /srv/lists/, ", "/srv/lists/.versions", "/srv/lists is the directory"},
		{"directory: /srv/lists, ", "/var/lib/indicatord/lists/edge", ""},
	} {
		text := "site: plant-07\nlists: {listen: '127.0.0.1:8080', " + test.lists + "clients: [{name: fw, token: {env: X}, lists: [edge]}]}\noutputs:\n" +
			"- {name: edge, type: addresslist, select: {kinds: [ip]}, settings: {serve: edge}}\n" +
			"- {name: flat, type: addresslist, select: {kinds: [ip]}, settings: {path: " + test.path + "}}\n"
		_, found := config.Parse("test.yaml", []byte(text), config.Plugins{Connectors: allconnectors.Specs(), Outputs: alloutputs.Specs()})
		err := found.Err()
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s beside %s: %v, want %q", test.path, test.lists, err, test.want)
		}
	}
}

// TestLists: devices and outputs have to mean the same lists, and passwords do not
// go in the clear unless the operator says so.
func TestLists(t *testing.T) {
	const client = `, clients: [{name: fw, token: {env: X}, lists: [edge]}]}`
	for name, test := range map[string]struct{ lists, want string }{
		"right":                   {`{listen: "127.0.0.1:8080"` + client, ""},
		"plain beyond loopback":   {`{listen: "0.0.0.0:8080"` + client, "would go in the clear"},
		"plain, allowed":          {`{listen: "0.0.0.0:8080", allow_plain_http: true` + client, ""},
		"no port":                 {`{listen: "127.0.0.1"` + client, "is not an address with a port"},
		"no address":              {`{}`, "lists.listen names no address"},
		"no clients":              {`{listen: "127.0.0.1:8080"}`, "there are no clients"},
		"an unknown list":         {`{listen: "127.0.0.1:8080", clients: [{name: fw, token: {env: X}, lists: [egde]}]}`, "there is no served list"},
		"an unknown address list": {`{listen: "127.0.0.1:8080", addresses: {x: [10.0.0.0/8]}` + client, "there is no served list"},
		"no credentials":          {`{listen: "127.0.0.1:8080", clients: [{name: fw, lists: [edge]}]}`, "want basic, token or certificate"},
		"two credentials":         {`{listen: "127.0.0.1:8080", clients: [{name: fw, token: {env: X}, certificate: x, lists: [edge]}]}`, "not several"},
		"a certificate, no CA":    {`{listen: "127.0.0.1:8080", clients: [{name: fw, certificate: x, lists: [edge]}]}`, "client_ca is needed"},
		"no connection at all":    {`{listen: "127.0.0.1:8080", max_connections_per_address: 0` + client, "is too few"},
		"a key without its own":   {`{listen: "127.0.0.1:8080", tls: {key: {env: X}}` + client, "the certificate is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			text := "site: plant-07\nlists: " + test.lists + "\noutputs: [{name: edge, type: addresslist, select: {kinds: [ip]}, settings: {serve: edge}}]\n"
			_, found := config.Parse("test.yaml", []byte(text), config.Plugins{Connectors: allconnectors.Specs(), Outputs: alloutputs.Specs()})
			err := found.Err()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}
