package taxii

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/secret"
)

// decode reads settings as the configuration does.
func decode(text string) (*Settings, error) {
	s := defaults()
	return s, config.DecodeSettings("settings.yaml", []byte(text), s).Err()
}

func TestSettingsAreDecoded(t *testing.T) {
	got, err := decode(`
url: https://hub.example/taxii2/
collections: [High, 9cfa669c-ee94-4ece-afd2-f8edac37d8fd]
auth:
  basic: {username: plant-07, password: {env: HUB}}
  client_certificate: {cert: /c.crt, key: /c.key}
ca: /ca.pem
proxy: http://proxy.example:3128
page_size: 200
overlap: 10m
added_after: 2026-01-01T00:00:00Z
types: [indicator]
ids: [indicator--0f5e7a3c-5f0e-4a7b-9a44-1f6f0c6f6d11]
spec_versions: ["2.1"]
follow_hosts: true
allow_plain_http: true
timeout: 30s
max_response: 1000000
`)
	if err != nil {
		t.Fatal(err)
	}
	want := &Settings{
		URL:          "https://hub.example/taxii2/",
		Collections:  Collections{Names: []string{"High", highID}},
		PageSize:     200,
		Overlap:      10 * time.Minute,
		AddedAfter:   time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC),
		Types:        []string{"indicator"},
		IDs:          []string{"indicator--0f5e7a3c-5f0e-4a7b-9a44-1f6f0c6f6d11"},
		SpecVersions: []string{"2.1"},
		FollowHosts:  true,
		Settings: httpx.Settings{
			Auth: httpx.Auth{
				Basic:             &httpx.Basic{Username: "plant-07", Password: secret.Ref{Env: "HUB"}},
				ClientCertificate: &httpx.ClientCertificate{Cert: "/c.crt", Key: "/c.key"},
			},
			CA: "/ca.pem", Proxy: "http://proxy.example:3128", AllowPlainHTTP: true,
			Timeout: 30 * time.Second, MaxResponse: 1000000,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWrongSettingsAreToldTogether(t *testing.T) {
	s := defaults()
	s.URL = "ftp://user:hunter2@hub.example/"
	s.Collections = Collections{}
	s.PageSize, s.Overlap, s.Timeout = 0, -1, 0
	s.Types, s.IDs, s.SpecVersions = []string{"a,b"}, []string{"x"}, []string{"two"}
	s.Auth.Bearer = &secret.Ref{}
	err := s.Validate()
	var paths []string
	for one := range strings.SplitSeq(err.Error(), "\n") {
		path, _, _ := strings.Cut(one, ":")
		paths = append(paths, path)
	}
	want := []string{"url", "collections", "page_size", "overlap", "types", "ids", "spec_versions", "auth.bearer", "timeout"}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("the places (-want +got):\n%s", diff)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error shows the password: %v", err)
	}
	if _, err := s.Open(plugin.Env{}); err == nil {
		t.Error("wrong settings can be opened")
	}
}

func TestCollectionsAreAllOrAList(t *testing.T) {
	for text, want := range map[string]string{
		"collections: all":        "",
		"collections: [all]":      "",
		"collections: [A, B]":     "",
		"collections: every":      `want the word all, or a list such as ["every"]`,
		"collections: []":         "names none",
		`collections: [A, " "]`:   "empty name",
		"collections: {all: yes}": "list",
	} {
		_, err := decode("url: https://hub.example/\n" + text)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

func TestPlainHTTPHasToBeAllowed(t *testing.T) {
	s := settingsFor("http://hub.example/taxii2/")
	var field *plugin.FieldError
	if err := s.Validate(); !errors.As(err, &field) || field.Path != "url" || !strings.Contains(err.Error(), "allow_plain_http") {
		t.Errorf("got %v, want an error of url that names allow_plain_http", err)
	}
	s.AllowPlainHTTP = true
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
}

// TestTheSampleTellsTheDefaults takes the comment sign from every line of the
// sample whose value is a default, and wants the defaults.
func TestTheSampleTellsTheDefaults(t *testing.T) {
	text := strings.Join(regexp.MustCompile(`(?m)^ *#(collections|allow_plain_http|page_size|overlap|follow_hosts|timeout|max_response): .*$`).FindAllString(sample, -1), "\n")
	text = regexp.MustCompile(`(?m)^ *#`).ReplaceAllString(text, "")
	got, err := decode("url: https://hub.example/\n" + text)
	if err != nil {
		t.Fatal(err)
	}
	want := defaults()
	want.URL = "https://hub.example/"
	if diff := cmp.Diff(want, got); diff != "" || strings.Count(text, "\n") != 6 {
		t.Errorf("%d lines (-want +got):\n%s", strings.Count(text, "\n")+1, diff)
	}
}

func TestEveryLineOfTheSampleIsASetting(t *testing.T) {
	_, block, _ := strings.Cut(sample, "settings:\n")
	block = regexp.MustCompile(`(?m)^( *)#([a-z])`).ReplaceAllString(block, "$1$2")
	block = regexp.MustCompile(`(?m)^        (basic|bearer|  username|  password).*\n`).ReplaceAllString(block, "")
	if _, err := decode(block); err != nil {
		t.Errorf("with every line in force the sample is wrong:\n%v\n%s", err, block)
	}
}

func TestTheReadmeShowsTheSampleAndEverySetting(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "```yaml\n"+sample+"```") {
		t.Error("README.md does not hold sample.yaml as it is")
	}
	for _, key := range []string{
		"url", "collections", "auth", "ca", "proxy", "allow_plain_http", "page_size", "overlap", "added_after",
		"types", "ids", "spec_versions", "follow_hosts", "timeout", "max_response",
	} {
		if !strings.Contains(string(readme), "`"+key+"`") || !strings.Contains(sample, key+":") {
			t.Errorf("README.md or sample.yaml does not tell of %s", key)
		}
	}
}
