package architecture

import (
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

// The packages that a plugin may import beside its contract.
var forPlugins = []string{
	"internal/plugin", "internal/indicator", "internal/secret", "internal/httpx",
	"internal/ecs", "internal/stix", "internal/atomicfile", "internal/cidr",
}

const pluginReason = "a plugin knows its contract and nothing of the agent around it, so that it can be written, tested and reviewed alone"

// room is what the packages of one folder may import of ours.
type room struct {
	// folder is the folder itself, or with an asterisk at the end whatever is
	// below it and has no room of its own.
	folder string
	may    []string
	reason string
}

// rooms are asked in order: the first one that fits counts.
var rooms = []room{
	{"internal/indicator", nil, "the model is what everything stands on, so it stands on nothing of ours"},
	{"internal/plugin", nil, "what all plugins have in common depends on none of them"},
	{"internal/secret", nil, "a secret is a type like any of the standard library"},
	{"internal/schedule", nil, "time knows nothing of what happens at it"},
	{"internal/atomicfile", nil, "replacing a file has nothing to do with what is in it"},
	{"internal/cidr", nil, "joining prefixes is arithmetic"},
	{"internal/policy", []string{"internal/indicator", "internal/policy/guard"}, "a policy is pure: it sees facts and nothing else, so every decision can be repeated and explained"},
	{"internal/policy/guard", []string{"internal/indicator"}, "what must not be blocked is decided as purely as everything else of a view"},
	{"internal/neverblock/list", []string{"internal/indicator", "internal/policy/guard"}, "a list is read into rules and into nothing else"},
	{"internal/neverblock/shipped", []string{"internal/neverblock/list", "internal/policy/guard"}, "a shipped set is a list like any other"},
	{"internal/neverblock/machine", nil, "what a machine says of itself is read as it stands; what it is for is decided above it"},
	{
		"internal/neverblock",
		[]string{"internal/indicator", "internal/neverblock/*", "internal/plugin", "internal/policy/guard"},
		"it gathers rules from everywhere and decides nothing",
	},
	{"internal/stix/pattern", []string{"internal/indicator"}, "the pattern language is a language of its own, below the objects that carry it"},
	{"internal/stix", []string{"internal/indicator", "internal/stix/pattern"}, "a format is read into the model and into nothing else"},
	{"internal/gbt36643", []string{"internal/indicator", "internal/stix", "internal/stix/pattern"}, "its records are said over again in STIX, so it stands on the format and on nothing else"},
	{"internal/ecs", []string{"internal/indicator"}, "a format is written from the model and from nothing else"},
	{"internal/httpx", []string{"internal/plugin", "internal/secret"}, "the HTTP client is there for every plugin and knows none"},
	{"internal/store/postgres", []string{"internal/plugin", "internal/secret"}, "it knows how to reach a server, and not what is kept there"},
	{"internal/store/postgres/postgrestest", nil, "it is a server and nothing else"},
	{"internal/store", []string{"internal/indicator", "internal/store/postgres"}, "the store keeps facts; what they are for is decided above it"},
	{"internal/listname", []string{"internal/indicator"}, "names are read before anything is opened"},
	{"internal/servedlist", []string{"internal/atomicfile"}, "the form of a directory stands below whoever writes it and whoever reads it"},
	{"internal/listserver", []string{"internal/listname", "internal/secret", "internal/servedlist"}, "it serves what lies in a directory, and knows nothing of how that comes there"},
	{"internal/taxiihub", []string{"internal/secret"}, "the hub serves objects as they are and reads none of them"},
	{"internal/taxiihub/hubtest", []string{"internal/taxiihub"}, "it is a part of the hub that only tests use"},
	{
		"internal/pipeline",
		[]string{"connectors", "outputs", "internal/indicator", "internal/policy", "internal/policy/guard", "internal/stix", "internal/stix/pattern", "internal/store"},
		"the line knows the contracts, never a plugin or the configuration that named it",
	},
	{
		"internal/config",
		[]string{"connectors", "outputs", "internal/indicator", "internal/listname", "internal/neverblock", "internal/plugin", "internal/policy", "internal/schedule", "internal/secret", "internal/stix/pattern", "internal/store/postgres", "internal/webhook"},
		"reading the configuration opens nothing, so it knows nothing that could be opened",
	},
	{
		"internal/admin",
		[]string{
			"connectors", "outputs", "internal/config", "internal/indicator", "internal/neverblock", "internal/pipeline", "internal/plugin",
			"internal/policy", "internal/policy/guard", "internal/servedlist", "internal/store",
		},
		"it answers from the store, with a daemon or without one, so it does not know the agent",
	},
	{
		"internal/webhook",
		[]string{"internal/httpx", "internal/plugin", "internal/secret"},
		"it posts what it is given, and knows nothing of what that is about",
	},
	{
		"internal/metrics",
		[]string{"internal/admin", "internal/store"},
		"metrics are the status in other words: they ask for nothing that people are not shown",
	},
	{
		"internal/agent",
		[]string{
			"connectors", "outputs", "internal/admin", "internal/config", "internal/indicator", "internal/listserver", "internal/metrics", "internal/pipeline", "internal/plugin",
			"internal/atomicfile", "internal/policy", "internal/schedule", "internal/secret", "internal/stix", "internal/store", "internal/webhook",
		},
		"the agent wires what a configuration names, and never names a plugin itself",
	},
	{
		"internal/demo",
		[]string{
			"configs/sample", "internal/admin", "internal/agent", "internal/config", "internal/pipeline", "internal/store", "internal/taxiihub",
		},
		"the demo runs the ordinary agent with an ordinary configuration, so it reaches into nothing",
	},
	{"internal/lifetest", nil, "it judges the line from outside and has no code of its own"},
	{"internal/architecture", nil, "rules are tests and have no code of their own"},

	{"connectors", []string{"internal/plugin"}, "the contract is the little that a connector has to know"},
	{"connectors/all", []string{"connectors", "connectors/*"}, "the list holds the connectors and nothing else"},
	{"connectors/connectortest", append([]string{"connectors", "internal/config"}, forPlugins...), "the suite judges a connector by its contract and its settings"},
	{"connectors/*", append([]string{"connectors"}, forPlugins...), pluginReason},
	{"outputs", []string{"internal/plugin", "internal/indicator"}, "the contract is the little that an output has to know"},
	{"outputs/all", []string{"outputs", "outputs/*"}, "the list holds the outputs and nothing else"},
	{"outputs/outputtest", append([]string{"outputs", "internal/config"}, forPlugins...), "the suite judges an output by its contract and its settings"},
	{
		"outputs/addresslist",
		append([]string{"outputs", "outputs/addresslist/dialect", "internal/listname", "internal/servedlist"}, forPlugins...),
		pluginReason,
	},
	{"outputs/addresslist/dialect", []string{"internal/cidr", "internal/indicator"}, "a dialect is words for entries: where they are written is not its business"},
	{"outputs/*", append([]string{"outputs"}, forPlugins...), pluginReason},

	{"configs/*", nil, "what is shipped is read by the program, not written with it"},
	{"packaging/*", []string{"internal/taxiihub"}, "a measurement runs the program from outside"},
}

// matches reports whether a folder is the one that a room or an import of it
// names. An asterisk at the end stands for anything below.
func matches(named, folder string) bool {
	start, open := strings.CutSuffix(named, "*")
	return named == folder || open && strings.HasPrefix(folder, start)
}

func TestEachRoomImportsWhatItMay(t *testing.T) {
	for _, f := range goFiles(t) {
		at := slices.IndexFunc(rooms, func(r room) bool { return matches(r.folder, f.folder) })
		if f.isTest() || at < 0 {
			continue
		}
		r := rooms[at]
		for _, imported := range f.imports {
			allowed := slices.ContainsFunc(r.may, func(named string) bool { return matches(named, imported) })
			// A package may import its own folder: a generator does.
			if isOurs(imported) && imported != f.folder && !allowed {
				t.Errorf("%s imports %s: %s", f.path, imported, r.reason)
			}
		}
	}
}

// TestEveryInternalPackageHasARoom keeps the table whole: whoever adds a package
// says what it may know. Only the command line may know everything.
func TestEveryInternalPackageHasARoom(t *testing.T) {
	for _, f := range goFiles(t) {
		has := slices.ContainsFunc(rooms, func(r room) bool { return matches(r.folder, f.folder) })
		if isBelow(f.folder, "internal") && !has {
			t.Errorf("%s: the package has no room yet: add to rooms what it may import, and why", f.path)
		}
	}
}

// TestPluginsDoNotMeet holds for tests too: a plugin's test needs the suite and
// servers, not another plugin or the machine that runs plugins.
func TestPluginsDoNotMeet(t *testing.T) {
	machine := []string{"internal/store", "internal/pipeline", "internal/agent", "internal/admin"}
	for _, f := range goFiles(t) {
		if pluginOf(f.folder) == "" || isSuite(f.folder) {
			continue
		}
		for _, imported := range f.imports {
			other := pluginOf(imported)
			if other != "" && other != pluginOf(f.folder) && !isSuite(imported) {
				t.Errorf("%s imports the plugin %s: %s; what both need belongs into a package below internal", f.path, other, pluginReason)
			}
			if slices.Contains(machine, imported) {
				t.Errorf("%s imports %s: %s", f.path, imported, pluginReason)
			}
		}
	}
}

// pluginOf returns the folder of the plugin that a folder belongs to, "" where
// it belongs to none.
func pluginOf(folder string) string {
	parts := strings.SplitN(folder, "/", 3)
	if len(parts) < 2 || parts[0] != "connectors" && parts[0] != "outputs" || parts[1] == "all" {
		return ""
	}
	return path.Join(parts[0], parts[1])
}

func isSuite(folder string) bool { return strings.HasSuffix(pluginOf(folder), "test") }

// home says where a library stays.
type home struct {
	library string
	folders []string
	reason  string
}

// livesIn reports whether a folder may import the library.
func (h *home) livesIn(folder string) bool {
	return slices.ContainsFunc(h.folders, func(home string) bool { return isBelow(folder, home) })
}

var homes = []home{
	{"database/sql", []string{"internal/store"}, "there is one database, and its schema is known in one place"},
	{"github.com/jackc/pgx", []string{"internal/store/postgres"}, "what PostgreSQL says differently is known in one place"},
	{"modernc.org/sqlite", []string{"internal/store"}, "there is one database, and its schema is known in one place"},
	{"github.com/goccy/go-yaml", []string{"internal/config", "internal/gbt36643"}, "one package decides how strictly the configuration is read and what of it may be shown; a mapping holds no secret"},
	{"github.com/spf13/cobra", []string{"cmd/indicatord"}, "commands are a matter of the command line"},
	{"golang.org/x/term", []string{"cmd/indicatord"}, "only the command line has a terminal"},
	{"github.com/robfig/cron", []string{"internal/schedule"}, "its traps are met in one place: summer time, and panics on odd input"},
	{"github.com/go-json-experiment/json", []string{"internal/stix", "internal/gbt36643"}, "it is not released as version 1 yet, so only the packages that read formats meet its changes"},
	{"github.com/hashicorp/go-retryablehttp", []string{"internal/httpx"}, "every request has the same limits, retries and secrecy"},
	{"github.com/elastic", []string{"outputs/elasticsearch"}, "a client library stays in the plugin that it is for"},
}

func TestEachLibraryStaysAtHome(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, h := range homes {
			uses := slices.ContainsFunc(f.imports, func(imported string) bool { return isBelow(imported, h.library) })
			if uses && !h.livesIn(f.folder) && !f.isTest() {
				t.Errorf("%s imports %s, which only %s may: %s", f.path, h.library, strings.Join(h.folders, " and "), h.reason)
			}
		}
	}
}

// TestOnlyCommandsExit: os.Exit skips what was deferred, so only the main.go of a
// command calls it, and a generator. A test may that runs itself as another
// process.
func TestOnlyCommandsExit(t *testing.T) {
	exits := []string{"os.Exit", "log.Fatal", "log.Fatalf", "log.Fatalln"}
	for _, f := range goFiles(t) {
		base := path.Base(f.path)
		if f.isTest() || f.syntax.Name.Name == "main" && (base == "main.go" || base == "generate.go") {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && slices.Contains(exits, nameOf(call.Fun)) {
				t.Errorf("%s calls %s: return an error to main instead", files.Position(call.Pos()), nameOf(call.Fun))
			}
			return true
		})
	}
}

// nameOf writes a selector of a package as it stands: "os.Exit".
func nameOf(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		if x, ok := s.X.(*ast.Ident); ok {
			return x.Name + "." + s.Sel.Name
		}
	}
	return ""
}
