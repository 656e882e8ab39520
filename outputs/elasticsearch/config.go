// Package elasticsearch keeps one document for each entry of a view in an
// Elasticsearch index, in the Elastic Common Schema, so that Elastic's
// indicator-match rules find it.
package elasticsearch

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

//go:embed sample.yaml
var sample string

// Spec describes the output to the agent.
func Spec() outputs.Spec {
	return outputs.Spec{
		Name:     "elasticsearch",
		Summary:  "Keeps one ECS document for each entry in an Elasticsearch index.",
		Sample:   sample,
		Settings: func() outputs.Settings { return Defaults() },
	}
}

// Settings is the settings block of an elasticsearch output.
type Settings struct {
	httpx.Settings `yaml:",inline"`
	// Addresses are the URLs of nodes of one cluster. A request goes to one of
	// them, and to the next where that one cannot be reached.
	Addresses []string `yaml:"addresses"`
	// CloudID names a cluster of Elastic Cloud in place of Addresses.
	CloudID string `yaml:"cloud_id"`
	// Flavor is what the cluster runs.
	Flavor Flavor `yaml:"flavor"`
	// Fingerprint is the SHA-256 of the certificate of the authority to trust,
	// in hexadecimal, in place of CA.
	Fingerprint string `yaml:"fingerprint"`
	// Compress is whether requests and answers are in gzip.
	Compress bool `yaml:"compress"`
	// Index is the name of an alias with one write index, or of an index.
	Index string `yaml:"index"`
	// History is the data stream of changes, if any.
	History History `yaml:"history"`
	// HistoryRetention is how long a change is kept there, 0 for as long as
	// somebody else says.
	HistoryRetention time.Duration `yaml:"history_retention"`
	// BatchBytes is the size from which on a bulk request is sent, in bytes.
	BatchBytes int `yaml:"batch_bytes"`
	// BatchEntries is the largest number of entries in a bulk request.
	BatchEntries int `yaml:"batch_entries"`
	// Objects adds to each document what each object says that asserts the entry.
	Objects bool `yaml:"objects"`
}

// Defaults returns the settings of an output whose configuration gives none.
func Defaults() *Settings {
	return &Settings{
		Settings:     httpx.Defaults(),
		Flavor:       Elasticsearch,
		Index:        "logs-ti_indicatord",
		BatchBytes:   5 << 20,
		BatchEntries: 5000,
	}
}

// The bounds of a bulk request. Elasticsearch refuses requests of more than 100
// MiB unless its http.max_content_length says otherwise.
const (
	minBatchBytes = 16 << 10
	maxBatchBytes = 100 << 20
	maxBatch      = 50_000
)

// Validate reports everything that is wrong with the settings.
func (s *Settings) Validate() error {
	return errors.Join(
		s.Settings.Validate(),
		s.checkAddresses(),
		plugin.Field("flavor", s.Flavor.validate()),
		s.checkFingerprint(),
		plugin.Field("index", checkIndex(s.Index)),
		plugin.Field("history", s.History.validate(s.Index)),
		plugin.Field("history_retention", s.checkRetention()),
		plugin.Field("batch_bytes", checkRange(s.BatchBytes, minBatchBytes, maxBatchBytes)),
		plugin.Field("batch_entries", checkRange(s.BatchEntries, 1, maxBatch)),
	)
}

// Place is the index at the first of the addresses, in their order.
func (s *Settings) Place() string {
	addresses, err := s.nodes()
	if err != nil || len(addresses) == 0 || s.Index == "" {
		return ""
	}
	return "index " + s.Index + " at " + slices.Min(addresses)
}

// Binding is the index, whichever nodes it is reached by: a cluster without it is
// found out about, for then it has to be made.
func (s *Settings) Binding() string { return "index " + s.Index }

// Open makes the output. The cluster is first spoken to by the first delivery.
func (s *Settings) Open(env plugin.Env) (outputs.Output, error) {
	cluster, err := newCluster(s, env.Agent)
	if err != nil {
		return nil, err
	}
	o := &output{
		settings: *s, env: env, site: env.Site, cluster: cluster, batchBytes: s.BatchBytes,
	}
	if s.History.Stream != "" {
		o.history = &history{cluster: cluster, settings: &o.settings}
	}
	return o, nil
}

// nodes returns the addresses, or the one that the cloud ID stands for.
func (s *Settings) nodes() ([]string, error) {
	if s.CloudID == "" {
		return s.Addresses, nil
	}
	address, err := cloudAddress(s.CloudID)
	if err != nil {
		return nil, plugin.Field("cloud_id", err)
	}
	return []string{address}, nil
}

func (s *Settings) checkAddresses() error {
	switch {
	case s.CloudID != "" && len(s.Addresses) > 0:
		return plugin.Fieldf("cloud_id", "is given beside addresses: want one of them, since each names the cluster")
	case s.CloudID != "":
		address, err := cloudAddress(s.CloudID)
		if err == nil {
			err = s.CheckConfigured(address)
		}
		return plugin.Field("cloud_id", err)
	case len(s.Addresses) == 0:
		return plugin.Fieldf("addresses", `is missing: want the URLs of the cluster's nodes, such as ["https://es.example:9200"], or cloud_id`)
	}
	var errs []error
	for i, address := range s.Addresses {
		errs = append(errs, plugin.Field(fmt.Sprintf("addresses[%d]", i), s.CheckConfigured(address)))
	}
	return errors.Join(errs...)
}

func (s *Settings) checkFingerprint() error {
	if s.Fingerprint != "" && s.CA != "" {
		return plugin.Fieldf("fingerprint", "is given beside ca: want one of them, since each says which authority to trust")
	}
	_, err := httpx.ParseFingerprint(s.Fingerprint)
	return plugin.Field("fingerprint", err)
}

// checkIndex keeps to the rules for names of indices, and to names that the
// name of a template may hold.
func checkIndex(name string) error {
	switch {
	case name == "":
		return errors.New("is missing: want the name of an index, such as logs-ti_indicatord")
	case len(name) > 200: // Elasticsearch takes 255 bytes; the templates' names are longer
		return fmt.Errorf("has %d bytes: want at most 200", len(name))
	case name != strings.ToLower(name):
		return fmt.Errorf("%q holds upper-case letters, which Elasticsearch refuses", name)
	case strings.ContainsAny(name[:1], "-_+."):
		return fmt.Errorf("%q starts with %q: want a letter or a digit", name, name[:1])
	}
	for _, r := range name {
		if r <= ' ' || r > '~' || strings.ContainsRune(`\/*?"<>|,#:%`, r) {
			return fmt.Errorf("%q holds %q: want letters, digits, and any of - _ + . @", name, r)
		}
	}
	return nil
}

func checkRange(n, low, high int) error {
	if n < low || n > high {
		return fmt.Errorf("%d is out of range: want %d to %d", n, low, high)
	}
	return nil
}

// RefreshSchedule implements [outputs.Refreshing]: Elastic's rules look at
// documents of the last 30 days, so each is confirmed several times within them.
func (s *Settings) RefreshSchedule() string { return "@weekly" }
