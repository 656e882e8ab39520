package httpx

import (
	"strings"
	"testing"
)

func TestCheckConfigured(t *testing.T) {
	for address, want := range map[string]string{
		"https://hub.example/taxii2/":       "",
		"https://hub.example/?key=hunter2":  "has a query",
		"https://hub.example/?":             "has a query",
		"http://u:hunter2@hub.example/?a=b": "has a query",
		"https://u:hunter2@hub.example/":    "holds credentials",
	} {
		err := Defaults().CheckConfigured(address)
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}
