package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

// loader makes a configuration of the nodes of a file.
type loader struct {
	*decoder
	plugins Plugins
	places  map[string]position // what outputs have for themselves
}

// The blocks as they are first decoded: the type of a plugin's settings is known
// only when its name is.
type (
	fileBlock struct {
		Config     `yaml:",inline"`
		Connectors []*node `yaml:"connectors"`
		Outputs    []*node `yaml:"outputs"`
	}
	connectorBlock struct {
		Connector `yaml:",inline"`
		Settings  *node `yaml:"settings"`
	}
	outputBlock struct {
		Output   `yaml:",inline"`
		Settings *node `yaml:"settings"`
	}
)

func (l *loader) load(root *node) *Config {
	file := fileBlock{Config: defaultConfig()}
	l.into(root, &file)
	l.require(root, "site")
	config := &file.Config
	sources, tools := map[string]position{}, map[string]position{}
	for _, n := range file.Connectors {
		config.Connectors = append(config.Connectors, l.connector(n, sources))
	}
	for _, n := range file.Outputs {
		config.Outputs = append(config.Outputs, l.output(n, tools, sources))
	}
	l.lists(root, config)
	l.unprotected(root, config)
	l.idle(root, &file)
	return config
}

// unprotected warns of what somebody has chosen not to protect: it is easily
// forgotten.
func (l *loader) unprotected(root *node, c *Config) {
	if len(c.NeverBlock.Except) > 0 {
		at, _ := root.walk("never_block.except")
		l.warn(at, fmt.Sprintf("not protected by the shipped sets %s: a source that names one of their entries has it blocked", strings.Join(c.NeverBlock.Except, ", ")), "")
	}
}

// idle warns of a configuration that does nothing.
func (l *loader) idle(root *node, file *fileBlock) {
	if l.found.hasErrors() {
		return
	}
	if len(file.Connectors) == 0 {
		l.warn(root.at, "no connectors: nothing is pulled", "")
	}
	if len(file.Outputs) == 0 {
		l.warn(root.at, "no outputs: nothing is delivered", "")
	}
}

func (l *loader) connector(n *node, names map[string]position) Connector {
	block := connectorBlock{Connector: defaultConnector()}
	l.into(n, &block)
	l.require(n, "name", "type", "schedule")
	l.unique("connector", n, block.Name, names)
	c := &block.Connector
	if spec, ok := specOf(l, n, c.Type, l.plugins.Connectors); ok {
		c.Spec, c.Settings = spec, spec.Settings()
		l.settings(n, block.Settings, c.Settings)
	}
	l.advise(n, c)
	return *c
}

func (l *loader) output(n *node, names, sources map[string]position) Output {
	block := outputBlock{Output: defaultOutput()}
	l.into(n, &block)
	l.require(n, "name", "type")
	l.unique("output", n, block.Name, names)
	o := &block.Output
	if spec, ok := specOf(l, n, o.Type, l.plugins.Outputs); ok {
		o.Spec, o.Settings = spec, spec.Settings()
		l.settings(n, block.Settings, o.Settings)
		l.exclusive(n, o.Settings)
		o.ChangeBudget.setDefaults(spec.Enforcing)
		l.telling(n, o)
	}
	for i, source := range o.Select.Sources {
		if _, ok := sources[source]; !ok {
			l.invalid(n, plugin.Field(fmt.Sprintf("select.sources[%d]", i), unknownWord("connector", source, keysOf(sources))))
		}
	}
	return *o
}

// telling settles when a tool is told again what it has, and that the agent
// lives: not every plugin does that.
func (l *loader) telling(n *node, o *Output) {
	refreshing, refreshes := o.Settings.(outputs.Refreshing)
	if !o.Refresh.IsNever() && !refreshes {
		l.invalid(n, plugin.Fieldf("refresh", "an output of type %s is never refreshed: remove the key", o.Type))
	}
	if announcing, ok := o.Settings.(outputs.Announcing); !o.Heartbeat.IsNever() && (!ok || !announcing.Announces()) {
		l.invalid(n, plugin.Fieldf("heartbeat", "an output of type %s with these settings has nobody to be told: remove the key", o.Type))
	}
	if refreshes && n.get("refresh") == nil && refreshing.RefreshSchedule() != "" {
		o.Refresh = mustSchedule(refreshing.RefreshSchedule())
	}
}

// settings decodes the settings of the plugin in the block n. Settings that are
// left out are validated too: a plugin may need some.
func (l *loader) settings(n, settings *node, target any) {
	if settings == nil {
		settings = &node{at: n.at}
	}
	l.into(settings, target)
}

// require reports keys that a block lacks.
func (l *loader) require(n *node, keys ...string) {
	if n.kind != mappingNode {
		return
	}
	for _, key := range keys {
		if n.get(key) == nil && !n.spoiled[key] {
			l.fail(n.at, fmt.Sprintf("key %q is missing", key), "")
		}
	}
}

// unique reports a name that another block of the same sort has.
func (l *loader) unique(what string, n *node, name string, names map[string]position) {
	at, ok := n.walk("name")
	if !ok || name == "" {
		return
	}
	if first, taken := names[name]; taken {
		l.fail(at, fmt.Sprintf("name %q is taken by the %s in line %d", name, what, first.line), "give each its own name")
		return
	}
	names[name] = at
}

// exclusive reports a place that another output has for itself.
func (l *loader) exclusive(n *node, settings any) {
	placed, ok := settings.(plugin.Exclusive)
	if !ok || placed.Place() == "" {
		return
	}
	place := placed.Place()
	at, _ := n.walk("settings")
	if first, taken := l.places[place]; taken {
		l.fail(at, fmt.Sprintf("the %s is that of the output in line %d already: they would undo each other's work", place, first.line), "give each its own")
		return
	}
	if l.places == nil {
		l.places = map[string]position{}
	}
	l.places[place] = n.at
}

// specOf finds the plugin that a block is of.
func specOf[T any](l *loader, n *node, name string, specs []plugin.Spec[T]) (plugin.Spec[T], bool) {
	var names []string
	for _, spec := range specs {
		if spec.Name == name {
			return spec, true
		}
		names = append(names, spec.Name)
	}
	if name != "" {
		l.invalid(n, plugin.Field("type", unknownWord("type", name, names)))
	}
	return plugin.Spec[T]{}, false
}

// advise warns of what is allowed but seldom meant.
func (l *loader) advise(n *node, c *Connector) {
	lifetime := n.get("lifetime")
	if n.kind == mappingNode && (lifetime == nil || lifetime.kind == nullNode) {
		l.warn(n.at, "no lifetime: entries for which the source gives no end stay until it withdraws them", "lifetime: {ip: 30d, domain: 90d, url: 30d} ends them")
	}
	first := c.Schedule.Next(time.Now())
	if gap := c.Schedule.Next(first).Sub(first); !first.IsZero() && c.Jitter >= gap {
		at, _ := n.walk("jitter")
		l.warn(at, fmt.Sprintf("the jitter of %s is not shorter than the %s between two pulls: some are left out", c.Jitter, gap), "")
	}
}
