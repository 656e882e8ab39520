package ecs

import (
	"net/netip"

	"github.com/indicatord/indicatord/internal/indicator"
)

// Doc is a document about one key. It is made for encoding/json: the order of
// the fields is always the same, and a field without a value is left out.
type Doc struct {
	// Timestamp is when the entry was last confirmed to be wanted. Elastic's
	// rules ignore a document whose timestamp is more than 30 days old.
	Timestamp  Instant  `json:"@timestamp,omitempty"`
	ECS        Version  `json:"ecs"`
	Event      Event    `json:"event"`
	Threat     Threat   `json:"threat"`
	Tags       []string `json:"tags,omitempty"` // the labels of the objects
	Indicatord Own      `json:"indicatord"`
}

// Version is the ECS field set "ecs".
type Version struct {
	Version string `json:"version"`
}

// Event is the ECS field set "event". Kind, category, type and module are those
// that Elastic's indicator match rules ask for.
type Event struct {
	Kind     string   `json:"kind"`
	Category []string `json:"category"`
	Type     []string `json:"type"`
	Module   string   `json:"module"`
	Dataset  string   `json:"dataset"`
	// Action and Reason are for outputs that write what happens to an entry
	// rather than what it is. [Document] leaves them empty.
	Action string `json:"action,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Threat is the ECS field set "threat".
type Threat struct {
	Feed      *Feed     `json:"feed,omitempty"`
	Indicator Indicator `json:"indicator"`
}

// Feed is threat.feed.*.
type Feed struct {
	Name []string `json:"name"`
}

// Indicator is threat.indicator.*. Where several sources assert the key, the
// fields hold what all of them say together.
type Indicator struct {
	// Type is a STIX observable type that ECS knows, "" where it knows none.
	Type string `json:"type,omitempty"`
	// Name is the value of the key, whatever its kind.
	Name string `json:"name"`
	// ID holds the ids of the STIX objects.
	ID          []string   `json:"id,omitempty"`
	IP          netip.Addr `json:"ip,omitzero"`
	URL         *URL       `json:"url,omitempty"`
	Email       *Email     `json:"email,omitempty"`
	File        *File      `json:"file,omitempty"`
	Registry    *Registry  `json:"registry,omitempty"`
	X509        *X509      `json:"x509,omitempty"`
	AS          *AS        `json:"as,omitempty"`
	Description string     `json:"description,omitempty"`
	// Confidence is one of "Not Specified", "None", "Low", "Medium", "High".
	Confidence string   `json:"confidence,omitempty"`
	Marking    *Marking `json:"marking,omitempty"`
	FirstSeen  Instant  `json:"first_seen,omitempty"`
	LastSeen   Instant  `json:"last_seen,omitempty"`
	ModifiedAt Instant  `json:"modified_at,omitempty"`
	Provider   []string `json:"provider,omitempty"`
	Reference  []string `json:"reference,omitempty"`
}

// URL is threat.indicator.url.*. A domain is written here too: rules look for it
// in url.domain.
type URL struct {
	Original         string `json:"original,omitempty"`
	Full             string `json:"full,omitempty"`
	Scheme           string `json:"scheme,omitempty"`
	Domain           string `json:"domain,omitempty"`
	RegisteredDomain string `json:"registered_domain,omitempty"`
	Subdomain        string `json:"subdomain,omitempty"`
	TopLevelDomain   string `json:"top_level_domain,omitempty"`
	Port             int    `json:"port,omitempty"`
	Path             string `json:"path,omitempty"`
	Query            string `json:"query,omitempty"`
}

// Email is threat.indicator.email.*.
type Email struct {
	Address string `json:"address"`
}

// File is threat.indicator.file.*.
type File struct {
	Name string `json:"name,omitempty"`
	Hash *Hash  `json:"hash,omitempty"`
}

// Hash is threat.indicator.file.hash.*; one of the fields is set.
type Hash struct {
	MD5    string `json:"md5,omitempty"`
	SHA1   string `json:"sha1,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	SHA512 string `json:"sha512,omitempty"`
}

// Registry is threat.indicator.registry.*. The path begins with the short name
// of its hive, as the events of an endpoint have it.
type Registry struct {
	Hive string `json:"hive,omitempty"`
	Key  string `json:"key,omitempty"`
	Path string `json:"path"`
}

// X509 is threat.indicator.x509.*.
type X509 struct {
	SerialNumber string `json:"serial_number"`
}

// AS is threat.indicator.as.*.
type AS struct {
	Number uint32 `json:"number"`
}

// Marking is threat.indicator.marking.*.
type Marking struct {
	// TLP is one of "CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED".
	TLP        string `json:"tlp"`
	TLPVersion string `json:"tlp_version"`
}

// Rule is a detection rule as a hub sent it. The fields rule.* of ECS are about
// the rule that made an alert, which is another thing.
type Rule struct {
	// Language is a pattern type of STIX, such as "sigma", "snort" or "yara".
	Language string `json:"language"`
	// Text is the whole rule.
	Text string `json:"text,omitempty"`
}

// Own is what ECS has no field for.
type Own struct {
	// ID is [DocumentID]: what reads documents as events and keeps one document
	// for each key can use it.
	ID   string         `json:"id"`
	Site string         `json:"site,omitempty"`
	Kind indicator.Kind `json:"kind"`
	// Range is set for a prefix and for nothing else. Its mapping is ip_range.
	Range string `json:"range,omitempty"`
	// Rule is set for a detection rule.
	Rule *Rule `json:"rule,omitempty"`
	// Scope is set for a domain: "exact" or "subdomains".
	Scope string `json:"scope,omitempty"`
	// Direction is "to", "from", "both" or "unknown", seen from the site.
	Direction string `json:"direction,omitempty"`
	// Exactness is "exact", "widened" or "compound".
	Exactness string `json:"exactness,omitempty"`
	// Remainder holds the reason codes of what the patterns say beside the value.
	Remainder  []string `json:"remainder,omitempty"`
	ValidFrom  Instant  `json:"valid_from,omitempty"`
	ValidUntil Instant  `json:"valid_until,omitempty"`
	// ValidUntilReason says where the end comes from: "hub", "lifetime",
	// "ceiling", or "none" where there is no end.
	ValidUntilReason string `json:"valid_until_reason,omitempty"`
	// Confidence is the number behind threat.indicator.confidence, from 0 to
	// 100; nil where no source states any.
	Confidence     *indicator.Confidence `json:"confidence,omitempty"`
	Sources        []string              `json:"sources,omitempty"`
	Names          []string              `json:"names,omitempty"`
	Threats        []string              `json:"threats,omitempty"`
	IndicatorTypes []string              `json:"indicator_types,omitempty"`
	// Protected says why the key would not be enforced, "" where nothing speaks
	// against it.
	Protected string `json:"protected,omitempty"`
	// FirstSeen is when this site first stored anything about the key.
	FirstSeen Instant `json:"first_seen,omitempty"`
	// Sequence rises with each change of the entry at this site.
	Sequence uint64 `json:"sequence,omitempty"`
	// Revision marks what the document was made from: [indicator.Entry.Revision]
	// in hexadecimal. [Document] leaves it empty; an output that reads its
	// documents back tells by it whether they say what they should.
	Revision string `json:"revision,omitempty"`
	// Objects are what the sources' objects say, each for itself. [Document]
	// leaves them out; see [Objects].
	Objects []Object `json:"objects,omitempty"`
}
