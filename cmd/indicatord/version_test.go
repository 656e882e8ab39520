package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestBuildVersion(t *testing.T) {
	tests := []struct{ name, release, module, want string }{
		{"a release", "1.2.0", "v1.1.0", "1.2.0"},
		{"installed by go install", "", "v1.1.0", "1.1.0"},
		{"built in a checkout", "", "(devel)", "devel"},
		{"built otherwise", "", "", "devel"},
	}
	for _, tt := range tests {
		info := &debug.BuildInfo{Main: debug.Module{Version: tt.module}}
		if got := buildOf(tt.release, info).Version; got != tt.want {
			t.Errorf("%s: the version is %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestBuildTellsItsCommit(t *testing.T) {
	platform := runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH
	for modified, want := range map[string]string{
		"false": "indicatord 1.2.0 (commit 0f5e7a3c), " + platform,
		"true":  "indicatord 1.2.0 (commit 0f5e7a3c, modified), " + platform,
	} {
		info := &debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0f5e7a3c"}, {Key: "vcs.modified", Value: modified}}}
		if got := buildOf("1.2.0", info).String(); got != want {
			t.Errorf("the program calls itself %q, want %q", got, want)
		}
	}
}

func TestBuildNamesTheAgent(t *testing.T) {
	if got := (build{Version: "1.2.0"}).agent(); got != "indicatord/1.2.0" {
		t.Errorf("the agent is %q", got)
	}
}
