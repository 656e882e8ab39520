package ecs

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestRegistry(t *testing.T) {
	tests := []struct {
		name, value string
		want        Registry
	}{
		{"hive in full", `HKEY_LOCAL_MACHINE\System\drv`, Registry{"HKLM", `System\drv`, `HKLM\System\drv`}},
		{"hive in lower case", `hkey_current_user\Run`, Registry{"HKCU", "Run", `HKCU\Run`}},
		{"hive in short", `HKLM\System`, Registry{"HKLM", "System", `HKLM\System`}},
		{"unknown hive", `Machine\System`, Registry{"Machine", "System", `Machine\System`}},
		{"hive alone", `HKEY_USERS`, Registry{Path: "HKU"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(&test.want, registry(test.value)); diff != "" {
				t.Errorf("registry(%q) (-want +got):\n%s", test.value, diff)
			}
		})
	}
}

func TestCertificate(t *testing.T) {
	tests := []struct {
		name, value string
		want        *X509
	}{
		{"serial number with colons", "36:f7:d4:32", &X509{"36F7D432"}},
		{"serial number of sixteen octets with colons", "36:f7:d4:32:f4:ab:70:ea:d3:ce:98:6e:ea:99:93:49", &X509{"36F7D432F4AB70EAD3CE986EEA999349"}},
		{"short serial number", "0b", &X509{"0B"}},
		{"as long as an MD5 fingerprint", "36f7d432f4ab70ead3ce986eea999349", nil},
		{"not a number", "CN=grid-portal.net", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, certificate(test.value)); diff != "" {
				t.Errorf("certificate(%q) (-want +got):\n%s", test.value, diff)
			}
		})
	}
}

func TestSetDomain(t *testing.T) {
	tests := []struct {
		name string
		want URL
	}{
		{"grid-portal.net", URL{Domain: "grid-portal.net", RegisteredDomain: "grid-portal.net", TopLevelDomain: "net"}},
		{"a.b.grid-portal.com.cn", URL{Domain: "a.b.grid-portal.com.cn", RegisteredDomain: "grid-portal.com.cn", TopLevelDomain: "com.cn", Subdomain: "a.b"}},
		{"portal.github.io", URL{Domain: "portal.github.io", RegisteredDomain: "portal.github.io", TopLevelDomain: "github.io"}},
		{"github.io", URL{Domain: "github.io"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got URL
			got.setDomain(test.name)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOther(t *testing.T) {
	tests := []struct {
		value string
		want  Indicator
	}{
		{"autonomous-system:number=64496", Indicator{Type: "autonomous-system", AS: &AS{64496}}},
		{"autonomous-system:number=many", Indicator{Type: "autonomous-system"}},
		{"software:name=teamviewer", Indicator{Type: "software"}},
		{"x-invented:field=1", Indicator{}},
		{"nothing of the kind", Indicator{}},
	}
	for _, test := range tests {
		t.Run(test.value, func(t *testing.T) {
			var got Indicator
			setOther(&got, test.value)
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreTypes(netip.Addr{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
