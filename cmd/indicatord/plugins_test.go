package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindPlugin(t *testing.T) {
	list := []pluginInfo{
		{Kind: "connector", Name: "taxii"},
		{Kind: "connector", Name: "file"},
		{Kind: "output", Name: "file"},
	}
	for name, want := range map[string]pluginInfo{
		"taxii":          list[0],
		"connector/file": list[1],
		"output/file":    list[2],
	} {
		got, err := findPlugin(list, name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for name, want := range map[string]string{
		"file":         "write connector/file or output/file",
		"output/taxii": "want one of connector/taxii, connector/file, output/file",
		"":             "unknown plugin",
	} {
		if _, err := findPlugin(list, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives the error %v, want one with %q", name, err, want)
		}
	}
}
