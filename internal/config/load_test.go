package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/neverblock"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/secret"
)

const whole = `site: plant-07
state: /srv/indicatord
log: {level: debug, format: json}
connectors:
  - name: sector-hub
    type: hub
    schedule: "*/15 * * * *"
    jitter: 2m
    timeout: 1h30m
    lifetime: {ip: 30d, domain: 1w, sha256: 1.5d}
    unmarked_tlp: amber
    unknown_tlp: amber+strict
    bare_domains: subdomains
    refang: true
    reconcile: {schedule: "@weekly", max_withdraw: 5.5%}
    settings:
      url: https://hub.example.org/taxii2/
      collections: [power, "Grid: all"]
      page_size: 500
      timeout: 10s
      auth:
        basic:
          username: plant
          password: {file: /etc/indicatord/hub-password}
outputs:
  - name: edge
    type: list
    schedule: "@hourly"
    select:
      kinds: [ip, domain]
      min_confidence: 60
      unstated_confidence: 50
      max_tlp: green
      labels: [power]
      sources: [sector-hub]
      direction: to
      max_age: 90d
      types: [malicious-activity, unstated]
      min_exactness: widened
      scopes: [exact]
      where: confidence > 70
    settings:
      path: /var/lib/edge.txt
      mode: "0640"
      sorted: true
      port: 8443
      ratio: 0.5
      headers: {a: 1, b: -2}
      tokens: [{env: TOKEN}, {credential: token}]
      untagged: 007
`

func TestParseAWholeConfiguration(t *testing.T) {
	got := parseRight(t, whole)
	if got.Site != "plant-07" || got.State != "/srv/indicatord" || got.Log != (Log{"debug", "json"}) {
		t.Errorf("the top of the file is %q, %q, %v", got.Site, got.State, got.Log)
	}
	c := got.Connectors[0]
	if c.Schedule.String() != "*/15 * * * *" || c.Reconcile.Schedule.String() != "@weekly" || c.Reconcile.MaxWithdraw != Share(5.5) {
		t.Errorf("the times of the connector are %v, %v", c.Schedule, c.Reconcile)
	}
	lifetime := map[indicator.Kind]time.Duration{
		indicator.IP: 720 * time.Hour, indicator.Domain: 168 * time.Hour, indicator.SHA256: 36 * time.Hour,
	}
	if diff := cmp.Diff(lifetime, c.Lifetime); diff != "" {
		t.Error(diff)
	}
	if c.Name != "sector-hub" || c.Type != "hub" || c.Spec.Name != "hub" || c.Jitter != 2*time.Minute || c.Timeout != 90*time.Minute ||
		c.UnmarkedTLP != indicator.TLPAmber || c.UnknownTLP != indicator.TLPAmberStrict || c.BareDomains != DomainScope(indicator.ScopeSubdomains) || !c.Refang {
		t.Errorf("the connector is %+v", c)
	}
	o := got.Outputs[0]
	fifty, widened := indicator.Confidence(50), indicator.Widened
	var malicious, unstated policy.Type
	where, err := policy.ParseWhere("confidence > 70")
	if err := errors.Join(err, malicious.UnmarshalText([]byte("malicious-activity")), unstated.UnmarshalText([]byte("unstated"))); err != nil {
		t.Fatal(err)
	}
	view := policy.Select{
		Kinds: []indicator.Kind{indicator.IP, indicator.Domain}, MinConfidence: 60, UnstatedConfidence: &fifty,
		MaxTLP: indicator.TLPGreen, Labels: []string{"power"}, Sources: []string{"sector-hub"}, Direction: indicator.DirectionTo,
		MaxAge: 90 * 24 * time.Hour, Types: []policy.Type{malicious, unstated}, MinExactness: &widened,
		Scopes: []indicator.Scope{indicator.ScopeExact}, Where: where,
	}
	if diff := cmp.Diff(view, o.Select); diff != "" {
		t.Error(diff)
	}
	if o.Schedule.OnChange || o.Schedule.String() != "@hourly" || !o.Spec.Enforcing {
		t.Errorf("the output is %+v", o)
	}
}

func TestParseSettingsOfPlugins(t *testing.T) {
	got := parseRight(t, whole)
	hub := got.Connectors[0].Settings.(*hubSettings)
	want := hubSettings{
		httpSettings: httpSettings{Auth: hub.Auth, Timeout: 10 * time.Second},
		URL:          "https://hub.example.org/taxii2/",
		Collections:  collections{"power", "Grid: all"},
		PageSize:     500,
	}
	if diff := cmp.Diff(want, *hub, cmp.AllowUnexported(hubSettings{})); diff != "" {
		t.Error(diff)
	}
	if hub.Auth.Basic.Username != "plant" || hub.Auth.Basic.Password.File != "/etc/indicatord/hub-password" {
		t.Errorf("the credentials are %+v", hub.Auth.Basic)
	}
	list := listSettings{
		Path: "/var/lib/edge.txt", Mode: "0640", Sorted: true, Port: 8443, Ratio: 0.5,
		Headers: map[string]int{"a": 1, "b": -2}, Tokens: []secret.Ref{{Env: "TOKEN"}, {Credential: "token"}}, Untagged: "007",
	}
	if diff := cmp.Diff(&list, got.Outputs[0].Settings); diff != "" {
		t.Error(diff)
	}
}

func TestParseDefaults(t *testing.T) {
	got := parseRight(t, `
site: plant-07
connectors:
  - {name: hub, type: hub, schedule: "@hourly", settings: {url: "https://hub.example.org", collections: all}}
outputs:
  - {name: edge, type: list, settings: {path: /edge.txt}}
`)
	if got.State != "/var/lib/indicatord" || got.Log != (Log{"info", "auto"}) {
		t.Errorf("the top of the file is %q, %v", got.State, got.Log)
	}
	c := got.Connectors[0]
	if c.Jitter != 0 || c.Timeout != time.Hour || c.Lifetime != nil || c.UnmarkedTLP != indicator.TLPAmber || c.Refang ||
		c.BareDomains != DomainScope(indicator.ScopeExact) || c.Reconcile.Schedule.String() != "@daily" || c.Reconcile.MaxWithdraw != Share(20) {
		t.Errorf("the connector is %+v", c)
	}
	if hub := c.Settings.(*hubSettings); hub.PageSize != 1000 || hub.Timeout != 30*time.Second || hub.Auth != nil {
		t.Errorf("the settings are %+v", hub)
	}
	o, compound := got.Outputs[0], indicator.Compound
	if diff := cmp.Diff(policy.Select{MaxTLP: indicator.TLPAmberStrict, MinExactness: &compound}, o.Select); diff != "" || !o.Schedule.OnChange {
		t.Errorf("the output is delivered %v, its view differs:\n%s", o.Schedule, diff)
	}
}

func TestParseReadsTheSameHoweverItIsWritten(t *testing.T) {
	plain := parseRight(t, whole)
	for name, text := range map[string]string{
		"carriage returns":      strings.ReplaceAll(whole, "\n", "\r\n"),
		"a byte order mark":     "\ufeff" + whole,
		"a document mark":       "---\n" + whole + "...\n",
		"a directive":           "%YAML 1.2\n---\n" + whole,
		"comments":              "# first\n" + strings.ReplaceAll(whole, "\noutputs", "\n\n# between\noutputs") + "# last\n",
		"an alias":              strings.Replace(strings.Replace(whole, "jitter: 2m", "jitter: &j 2m", 1), "2m", "2m", 1),
		"blocks left empty":     strings.Replace(whole, "log: {level: debug, format: json}", "log:\n  level: debug\n  format: json\n", 1),
		"quotes for every text": strings.Replace(whole, "plant-07", `"plant-07"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			got := parseRight(t, text)
			if got.Site != plain.Site || got.Log != plain.Log || len(got.Connectors) != 1 || len(got.Outputs) != 1 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestParseKeysLeftEmptyKeepTheirDefaults(t *testing.T) {
	got := parseRight(t, `
site: plant-07
log:
connectors:
outputs:
  - name: edge
    type: list
    select:
      # kinds: [ip]
      kinds:
      unstated_confidence:
    settings:
      path: /edge.txt
      headers:
`)
	if got.Log.Level != "info" || len(got.Connectors) != 0 || got.Outputs[0].Select.Kinds != nil {
		t.Errorf("got %+v", got)
	}
}

func TestParseAliasesStandForTheirAnchors(t *testing.T) {
	got := parseRight(t, `
site: plant-07
connectors:
  - name: one
    type: folder
    schedule: &often "*/5 * * * *"
    lifetime: &lives {ip: 30d}
  - name: two
    type: folder
    schedule: *often
    lifetime: *lives
`)
	one, two := got.Connectors[0], got.Connectors[1]
	if one.Schedule.String() != two.Schedule.String() || !cmp.Equal(one.Lifetime, two.Lifetime) {
		t.Errorf("%+v and %+v differ", one, two)
	}
}

// TestParseBoundsAliases: a small file of aliases of aliases does not stand for
// a huge configuration.
func TestParseBoundsAliases(t *testing.T) {
	var b strings.Builder
	b.WriteString("site: plant-07\noutputs:\n  - name: edge\n    type: list\n    settings:\n      path: /edge.txt\n      nested:\n")
	b.WriteString("        - &n0 {nested: []}\n")
	for i := range 8 {
		fmt.Fprintf(&b, "        - &n%d {nested: [%s]}\n", i+1, strings.Repeat(fmt.Sprintf("*n%d, ", i), 10))
	}
	begun := time.Now()
	_, found := Parse("indicatord.yaml", []byte(b.String()), testPlugins)
	if !strings.Contains(found.Error(), "more than 100000 values") {
		t.Errorf("it says %v", found)
	}
	if spent := time.Since(begun); spent > 5*time.Second {
		t.Errorf("it took %s", spent)
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "indicatord.yaml")
	config, found := Load(path, testPlugins)
	if config != nil || len(found) != 1 || !strings.Contains(found.Error(), path) || !strings.Contains(found.Error(), "--config") {
		t.Errorf("a missing file gives %v", found)
	}
	if err := os.WriteFile(path, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	if config, found = Load(path, testPlugins); config == nil || len(found) != 0 {
		t.Errorf("a right file gives %v", found)
	}
	if err := os.WriteFile(path, []byte("sight: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, found = Load(path, testPlugins); found[0].File != path {
		t.Errorf("the file is %q", found[0].File)
	}
}

func TestLoadRefusesAHugeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "indicatord.yaml")
	if err := os.WriteFile(path, []byte(strings.Repeat("# filler\n", 200_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, found := Load(path, testPlugins); found.Err() == nil || !strings.Contains(found.Error(), "262144") {
		t.Errorf("got %v", found)
	}
}

func TestDecodeSettings(t *testing.T) {
	settings := &hubSettings{PageSize: 10}
	if found := DecodeSettings("sample.yaml", []byte("url: https://hub.example.org\n"), settings); found.Err() != nil {
		t.Fatal(found)
	}
	if settings.URL != "https://hub.example.org" || settings.PageSize != 10 {
		t.Errorf("got %+v", settings)
	}
	for _, text := range []string{"", "url: {", "url: ftp://hub"} {
		if found := DecodeSettings("sample.yaml", []byte(text), &hubSettings{PageSize: 1}); found.Err() == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestDiagnosticsAsJSON(t *testing.T) {
	_, found := Parse("indicatord.yaml", []byte("site: plant-07\nsitee: x\n"), testPlugins)
	data, err := json.Marshal(found)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"file":"indicatord.yaml","line":2,"column":1,"message":"unknown key \"sitee\"","hint":"did you mean \"site\"?","severity":"error"}]`
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Error(diff)
	}
}

func TestDiagnosticsErrIsNilForWarnings(t *testing.T) {
	_, found := Parse("indicatord.yaml", []byte("site: plant-07\n"), testPlugins)
	if found.Err() != nil || len(found.Warnings()) != 2 {
		t.Errorf("got %v", found)
	}
	if Diagnostics(nil).Err() != nil {
		t.Error("nothing is an error")
	}
	_, found = Parse("indicatord.yaml", []byte("sight: x\n"), testPlugins)
	if found.Err() == nil || len(found.Warnings()) != 0 {
		t.Errorf("got %v", found)
	}
}

func TestDiagnosticsAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("site: plant-07\n")
	for i := range 2_000 {
		fmt.Fprintf(&b, "k%d: 1\n", i)
	}
	begun := time.Now()
	_, found := Parse("indicatord.yaml", []byte(b.String()), testPlugins)
	if len(found) != maxFound+1 || !strings.Contains(found[maxFound].Message, "1800 more") {
		t.Errorf("%d problems are told, the last %v", len(found), found[len(found)-1])
	}
	if spent := time.Since(begun); spent > 5*time.Second {
		t.Errorf("it took %s", spent)
	}
}

func TestParseRefusesWhatIsNotText(t *testing.T) {
	for name, tc := range map[string]struct{ text, says string }{
		"bytes that are not UTF-8": {"site: plant-07\nstate: /\xff\n", "indicatord.yaml:2:1: the line is not UTF-8"},
		"more than a file may be":  {strings.Repeat("# filler\n", 40_000), "indicatord.yaml: the file has 360000 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, found := Parse("indicatord.yaml", []byte(tc.text), testPlugins); !strings.Contains(found.Error(), tc.says) {
				t.Errorf("it says %v", found)
			}
		})
	}
}

func TestNeverBlockHasItsDefaults(t *testing.T) {
	const text = "site: plant-07\nnever_block: {except: [top-domains], domains: [.plant.example.cn]}\n"
	got, problems := Parse("indicatord.yaml", []byte(text), testPlugins)
	if got == nil {
		t.Fatal(problems)
	}
	want := neverblock.Default()
	want.Except, want.Domains = []string{"top-domains"}, []string{".plant.example.cn"}
	if diff := cmp.Diff(want, got.NeverBlock); diff != "" {
		t.Error(diff)
	}
}
