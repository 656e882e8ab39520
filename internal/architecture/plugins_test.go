package architecture

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	allconnectors "github.com/indicatord/indicatord/connectors/all"
	"github.com/indicatord/indicatord/internal/config"
	alloutputs "github.com/indicatord/indicatord/outputs/all"
)

// builtIn are the plugins that a configuration can name.
var builtIn = config.Plugins{Connectors: allconnectors.Specs(), Outputs: alloutputs.Specs()}

// samples holds the sample of every listed plugin, by its folder.
func samples() map[string]string {
	listed := map[string]string{}
	for _, spec := range builtIn.Connectors {
		listed["connectors/"+spec.Name] = spec.Sample
	}
	for _, spec := range builtIn.Outputs {
		listed["outputs/"+spec.Name] = spec.Sample
	}
	return listed
}

// pluginFolders returns the folders of the plugins, with those of the plugins in
// memory, which are whole plugins but in no list.
func pluginFolders(t *testing.T) []string {
	t.Helper()
	var folders []string
	for _, f := range goFiles(t) {
		folder := pluginOf(f.folder)
		if folder != "" && !isSuite(folder) && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	if len(folders) < 4 {
		t.Fatalf("found only the plugins %v", folders)
	}
	return folders
}

func inMemory(folder string) bool { return path.Base(folder) == "memory" }

func TestEveryPluginIsListed(t *testing.T) {
	listed := samples()
	for _, folder := range pluginFolders(t) {
		contract, name := path.Split(folder)
		if _, ok := listed[folder]; !ok && !inMemory(folder) {
			t.Errorf("%s is in no list: add the line\n\t\t%s.Spec(),\nto %sall/all.go", folder, name, contract)
		}
		delete(listed, folder)
	}
	for folder := range listed {
		t.Errorf("%s is listed under a name that is not that of its folder", folder)
	}
}

func TestEveryPluginFolderIsWhole(t *testing.T) {
	for _, folder := range pluginFolders(t) {
		for _, name := range []string{"README.md", "sample.yaml"} {
			if _, err := fs.Stat(root, path.Join(folder, name)); err != nil {
				t.Errorf("%s lacks %s", folder, name)
			}
		}
		contract := path.Dir(folder)
		suite := contract + "/" + strings.TrimSuffix(contract, "s") + "test"
		if !slices.ContainsFunc(goFiles(t), func(f *goFile) bool {
			return f.folder == folder && f.isTest() && slices.Contains(f.imports, suite)
		}) {
			t.Errorf("%s lacks a test that runs the suite %s", folder, suite)
		}
	}
}

func TestEveryReadmeShowsTheSample(t *testing.T) {
	for _, folder := range pluginFolders(t) {
		readme, err := fs.ReadFile(root, folder+"/README.md")
		sample, sampleErr := fs.ReadFile(root, folder+"/sample.yaml")
		if err != nil || sampleErr != nil {
			continue // TestEveryPluginFolderIsWhole tells.
		}
		if !strings.Contains(string(readme), "```yaml\n"+string(sample)+"```") {
			t.Errorf("%s/README.md does not show sample.yaml as it is, in a block ```yaml", folder)
		}
		if embedded, listed := samples()[folder]; listed && embedded != string(sample) {
			t.Errorf("%s: Spec().Sample is not sample.yaml", folder)
		}
	}
}

func TestEverySampleIsAConfiguration(t *testing.T) {
	for folder, sample := range samples() {
		if err := parse(folder+"/sample.yaml", sample); err != nil {
			t.Errorf("the sample is not right:\n%v", err)
		}
	}
}

// TestEveryPluginIsDocumented: README.md has a row for each.
func TestEveryPluginIsDocumented(t *testing.T) {
	readme, err := fs.ReadFile(root, "README.md")
	if err != nil {
		t.Fatal(err)
	}
	for folder := range samples() {
		if !strings.Contains(string(readme), fmt.Sprintf("(%s/README.md)", folder)) {
			t.Errorf("README.md has no link to %s/README.md", folder)
		}
	}
}

// parse reads a part of a configuration, which may lack the name of the site.
func parse(name, text string) error {
	if !strings.HasPrefix(text, "site:") && !strings.Contains(text, "\nsite:") {
		text = "site: plant-07\n" + text
	}
	_, found := config.Parse(name, []byte(text), builtIn)
	return found.Err()
}
