package plugin

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHosts(t *testing.T) {
	got := Hosts("https://hub.example:8443/taxii2/", "logs.example:601", "[2001:db8::1]:601", "https://[2001:db8::2]/", "/dev/log", "://", "nothing", ":601")
	if diff := cmp.Diff([]string{"hub.example", "logs.example", "2001:db8::1", "2001:db8::2"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
