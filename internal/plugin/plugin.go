// Package plugin is what connectors and outputs have in common: the
// specification that a plugin folder exports, what the agent hands to a plugin
// that it opens, and the meanings an error can have.
package plugin

import (
	"log/slog"
	"path/filepath"
	"strings"
)

// Spec is what a plugin folder exports. T is the plugin's contract:
// connectors.Connector or outputs.Output.
type Spec[T any] struct {
	// Name is the word that "type:" takes in the configuration: the name of the
	// plugin's folder.
	Name string
	// Summary is one sentence for "indicatord plugins".
	Summary string
	// Sample is a commented configuration of one such plugin, as the README of
	// the folder shows it. A test loads it.
	Sample string
	// Enforcing is true for an output whose entries a machine acts on without a
	// person looking, such as a firewall list. Nothing that a hub calls benign
	// reaches an enforcing output.
	Enforcing bool
	// Settings returns a pointer to new settings that hold the defaults. The
	// configuration is decoded into it, strictly.
	Settings func() Settings[T]
}

// Settings is a plugin's own block of the configuration, after decoding. The
// fields of the type behind it carry yaml tags; an unknown key is an error.
type Settings[T any] interface {
	// Validate reports what is wrong with the settings, all of it at once
	// (errors.Join), each with [Field] so that the place can be shown. It opens
	// nothing.
	Validate() error
	// Open makes the plugin. It touches nothing outside the process: the first
	// connection or file is opened by the plugin's verb.
	Open(Env) (T, error)
}

// Peered is implemented by settings of a plugin that talks to other hosts: what
// the agent needs must never be blocked by it.
type Peered interface {
	// Peers are the names or addresses of the hosts, without ports.
	Peers() []string
}

// Exclusive is implemented by settings of a plugin that needs a place for
// itself: two outputs that write one file would undo each other's work. The
// configuration refuses a second one with an equal place.
type Exclusive interface {
	// Place identifies the place among all plugins, such as "file /srv/list". It
	// is "" where the settings are not right, and holds no secret.
	Place() string
}

// Bound is implemented by settings of an output that takes changes: where it
// writes to is then a part of what it is. An output that writes elsewhere than
// before has delivered nothing yet.
type Bound interface {
	// Binding identifies the place, however it is reached, such as "index NAME". It
	// is "" for none, and holds no secret.
	Binding() string
}

// Served is implemented by settings of an output whose lists the agent's own
// server may offer.
type Served interface {
	// ServedName is the name of the list at /lists/NAME, "" where it is not served.
	ServedName() string
	// ServedParts is how many numbered parts the list has at most, 0 for as many as
	// it takes.
	ServedParts() int
}

// Env is what the agent gives a plugin when it opens it.
type Env struct {
	// Site is the name of the site.
	Site string
	// Name is the name of this connector or output in the configuration.
	Name string
	// Agent identifies the program to servers, such as "indicatord/1.2.0".
	Agent string
	// State is a directory of the plugin's own, below the state directory. It
	// may not exist yet.
	State string
	// Lists is the directory of what the list server offers. It may not exist yet.
	Lists string
	// Log is for what only the plugin can tell. Failures are returned instead:
	// the core logs them once.
	Log *slog.Logger
}

// FilePlace is the [Exclusive] place of a file, "" for none.
func FilePlace(path string) string {
	if path == "" {
		return ""
	}
	return filePlace + filepath.Clean(path)
}

const filePlace = "file "

// FileOf returns the path of the file that is the place of the settings' plugin, ""
// where its place is none.
func FileOf(settings any) string {
	placed, ok := settings.(Exclusive)
	if !ok {
		return ""
	}
	path, isFile := strings.CutPrefix(placed.Place(), filePlace)
	if !isFile {
		return ""
	}
	return path
}

// IsLocal reports whether settings are of a plugin whose place is a file: each
// machine has its own, where a server is one for all.
func IsLocal(settings any) bool { return FileOf(settings) != "" }
