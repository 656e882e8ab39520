package config

import (
	"net"
	"time"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/neverblock"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/schedule"
	"github.com/indicatord/indicatord/internal/store/postgres"
	"github.com/indicatord/indicatord/internal/webhook"
	"github.com/indicatord/indicatord/outputs"
)

// Config is a whole configuration that has been found right.
type Config struct {
	// Site names the site in everything that leaves it.
	Site string `yaml:"site"`
	// State is the absolute path of the directory that holds the control socket,
	// and the store unless it is shared.
	State string `yaml:"state"`
	// Store is where the store is that several agents share; nil for a store of
	// this agent alone, in State.
	Store *postgres.Settings `yaml:"store"`
	// Log says what is logged and how.
	Log Log `yaml:"log"`
	// Metrics says where a Prometheus server finds the state.
	Metrics Metrics `yaml:"metrics"`
	// Alarms says who is told of alarms, beside status, metrics and the log.
	Alarms Alarms `yaml:"alarms"`
	// NeverBlock says what is never enforced, whatever sources say.
	NeverBlock neverblock.Block `yaml:"never_block"`
	// Lists says how lists are served to the devices that fetch them.
	Lists Lists `yaml:"lists"`
	// Connectors are in the order of the file. Their names differ.
	Connectors []Connector `yaml:"-"`
	// Outputs are in the order of the file. Their names differ.
	Outputs []Output `yaml:"-"`

	source  *source
	secrets []placedSecret
}

// Log says what is logged and how.
type Log struct {
	Level  LogLevel  `yaml:"level"`
	Format LogFormat `yaml:"format"`
}

// Alarms says who is told of alarms.
type Alarms struct {
	// Webhook is where alarms are posted; without a URL nowhere.
	Webhook webhook.Settings `yaml:"webhook"`
}

// Metrics says where a Prometheus server finds the state.
type Metrics struct {
	// Listen is the address of the port, such as 127.0.0.1:9464; "" opens none.
	Listen string `yaml:"listen"`
}

// Validate reports an address that cannot be listened at.
func (m *Metrics) Validate() error {
	if m.Listen == "" {
		return nil
	}
	if _, port, err := net.SplitHostPort(m.Listen); err != nil || port == "" {
		return plugin.Fieldf("listen", "%q is not an address with a port: write it like 127.0.0.1:9464", m.Listen)
	}
	return nil
}

// Connector is one source of indicators.
type Connector struct {
	// Name names the source in the store, in documents and in commands. Another
	// name is another source.
	Name string `yaml:"name"`
	// Type is the name of the plugin.
	Type string `yaml:"type"`
	// Schedule says when to pull.
	Schedule schedule.Schedule `yaml:"schedule"`
	// Jitter bounds the random delay of each scheduled pull.
	Jitter time.Duration `yaml:"jitter"`
	// Timeout bounds one pull. What was stored until then stays.
	Timeout time.Duration `yaml:"timeout"`
	// Lifetime says, by kind, how long an indicator is believed: it is the end
	// where the source gives none, and a ceiling where it gives a later one. A
	// kind that is missing has no lifetime.
	Lifetime map[indicator.Kind]time.Duration `yaml:"lifetime"`
	// UnmarkedTLP is the marking that counts where an object has none.
	UnmarkedTLP indicator.TLP `yaml:"unmarked_tlp"`
	// UnknownTLP is the level that counts for a marking that nobody has defined.
	UnknownTLP indicator.TLP `yaml:"unknown_tlp"`
	// BareDomains says how much of the name space a plain domain stands for.
	BareDomains DomainScope `yaml:"bare_domains"`
	// Refang lets defanged values such as "example[.]com" be repaired.
	Refang bool `yaml:"refang"`
	// AllowReserved takes addresses of private and other reserved space, for a
	// source that is the site's own.
	AllowReserved bool `yaml:"allow_reserved"`
	// WidestIPv4 and WidestIPv6 are the lengths of the widest prefix that is
	// taken.
	WidestIPv4 int `yaml:"widest_ipv4"`
	WidestIPv6 int `yaml:"widest_ipv6"`
	// Patterns says how STIX patterns are read, and which values stand for them.
	Patterns Patterns `yaml:"patterns"`
	// Reconcile says how what vanished at the source is withdrawn here.
	Reconcile Reconcile `yaml:"reconcile"`
	// ChangeBudget is the most that this source alone may change at an output that
	// enforces, in one delivery and unasked: of the entries there that it has a word
	// on. What is not set has no bound.
	ChangeBudget ChangeBudget `yaml:"change_budget"`

	// Spec is the plugin.
	Spec connectors.Spec `yaml:"-"`
	// Settings are the plugin's own settings, decoded and validated.
	Settings connectors.Settings `yaml:"-"`
}

// Reconcile says how what vanished at a source is withdrawn here.
type Reconcile struct {
	// Schedule says when to compare everything with the source.
	Schedule schedule.Schedule `yaml:"schedule"`
	// MaxWithdraw is the most that one comparison may withdraw unasked.
	MaxWithdraw Budget `yaml:"max_withdraw"`
}

// Output is one tool that is kept up to date.
type Output struct {
	// Name names the output in the store and in commands. Another name is
	// another output, which starts with everything.
	Name string `yaml:"name"`
	// Type is the name of the plugin.
	Type string `yaml:"type"`
	// Schedule says when to deliver.
	Schedule DeliverySchedule `yaml:"schedule"`
	// Select says which entries the output is given.
	Select policy.Select `yaml:"select"`
	// ChangeBudget is the most that one delivery may change unasked.
	ChangeBudget ChangeBudget `yaml:"change_budget"`
	// MaxEntries is how many entries the tool may come to hold, 0 for any number.
	MaxEntries int `yaml:"max_entries"`
	// Verify says how the tool is read back and compared.
	Verify Verify `yaml:"verify"`
	// Refresh says when the tool is told again what it has, where its plugin does
	// that. The plugin says the default.
	Refresh schedule.Schedule `yaml:"refresh"`
	// Heartbeat says when the tool is told that the agent lives, where its plugin
	// does that.
	Heartbeat schedule.Schedule `yaml:"heartbeat"`
	// Freeze are the times in which the output is left as it is.
	Freeze []Window `yaml:"freeze"`

	// Spec is the plugin.
	Spec outputs.Spec `yaml:"-"`
	// Settings are the plugin's own settings, decoded and validated.
	Settings outputs.Settings `yaml:"-"`
}

// Verify says how a tool is read back and compared with what it has accepted.
// Tools that cannot be read back are left alone.
type Verify struct {
	// Schedule says when.
	Schedule schedule.Schedule `yaml:"schedule"`
	// Repair mends what differs.
	Repair bool `yaml:"repair"`
}

// ChangeBudget is the most that one delivery may change unasked. What is not set
// has a default where the output enforces, and no bound otherwise.
type ChangeBudget struct {
	Added   *Budget `yaml:"added"`
	Removed *Budget `yaml:"removed"`
}

// setDefaults bounds what an output that enforces may change.
func (b *ChangeBudget) setDefaults(enforcing bool) {
	if !enforcing {
		return
	}
	if b.Added == nil {
		b.Added = new(Share(50))
	}
	if b.Removed == nil {
		b.Removed = new(Share(20))
	}
}

func defaultConfig() Config {
	return Config{
		State:      "/var/lib/indicatord",
		Log:        Log{Level: "info", Format: "auto"},
		NeverBlock: neverblock.Default(),
		Lists:      defaultLists(),
		Alarms:     Alarms{Webhook: webhook.Defaults()},
	}
}

func defaultConnector() Connector {
	return Connector{
		Timeout:     time.Hour,
		UnmarkedTLP: indicator.TLPAmber,
		UnknownTLP:  indicator.TLPRed,
		WidestIPv4:  indicator.DefaultWidestIPv4,
		WidestIPv6:  indicator.DefaultWidestIPv6,
		Patterns:    defaultPatterns(),
		Reconcile: Reconcile{
			Schedule:    mustSchedule("@daily"),
			MaxWithdraw: Share(20),
		},
	}
}

// defaultOutput leaves out what is marked red: that is for named persons, and a
// tool has more readers than that.
func defaultOutput() Output {
	least := indicator.Compound
	return Output{
		Schedule: DeliverySchedule{OnChange: true},
		Select:   policy.Select{MaxTLP: indicator.TLPAmberStrict, MinExactness: &least},
		Verify:   Verify{Schedule: mustSchedule("@daily"), Repair: true},
	}
}

// mustSchedule is for the schedules of this file.
func mustSchedule(spec string) schedule.Schedule {
	s, err := schedule.Parse(spec, time.Local)
	if err != nil {
		panic(err)
	}
	return s
}
