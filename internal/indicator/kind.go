package indicator

import "fmt"

// OwnSource is the name of the source that the site itself is: what its people
// allow or deny. No connector may have it.
const OwnSource = "site"

// Kind says what sort of value a [Key] holds. The numbers are stored; a kind
// keeps its number for ever.
type Kind uint8

// The kinds a tool can match, then the kinds that are carried for a SIEM only.
const (
	IP     Kind = 1 // an address or a prefix, IPv4 or IPv6
	Domain Kind = 2
	URL    Kind = 3
	Email  Kind = 4
	MD5    Kind = 5
	SHA1   Kind = 6
	SHA256 Kind = 7
	SHA512 Kind = 8

	FileName    Kind = 32
	Process     Kind = 33
	RegistryKey Kind = 34
	Certificate Kind = 35
	Mutex       Kind = 36
	UserAgent   Kind = 37
	MAC         Kind = 38
	Rule        Kind = 39 // value is that of [RuleValue], the text in [Object.Pattern]
	Other       Kind = 63 // value is "object-path=literal", for what has no kind of its own
)

var kindNames = map[Kind]string{
	IP: "ip", Domain: "domain", URL: "url", Email: "email",
	MD5: "md5", SHA1: "sha1", SHA256: "sha256", SHA512: "sha512",
	FileName: "file-name", Process: "process", RegistryKey: "registry-key",
	Certificate: "certificate", Mutex: "mutex", UserAgent: "user-agent", MAC: "mac", Rule: "rule",
	Other: "other",
}

var kindsByName = func() map[string]Kind {
	m := make(map[string]Kind, len(kindNames))
	for k, name := range kindNames {
		m[name] = k
	}
	return m
}()

// Kinds returns every kind in ascending order of its number.
func Kinds() []Kind {
	return []Kind{
		IP, Domain, URL, Email, MD5, SHA1, SHA256, SHA512,
		FileName, Process, RegistryKey, Certificate, Mutex, UserAgent, MAC, Rule, Other,
	}
}

// String returns the kind's name as configuration and documents write it, such
// as "ip" or "sha256"; an unknown number gives "kind(N)".
func (k Kind) String() string {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// ParseKind is the inverse of [Kind.String].
func ParseKind(name string) (Kind, error) {
	if k, ok := kindsByName[name]; ok {
		return k, nil
	}
	return 0, fmt.Errorf("unknown kind %q", name)
}

// Hash reports whether k is a file hash.
func (k Kind) Hash() bool { return k >= MD5 && k <= SHA512 }

// Carried reports whether k is only carried for a SIEM: no firewall or resolver
// can match it.
func (k Kind) Carried() bool { return k >= FileName }

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name.
func (k *Kind) UnmarshalText(text []byte) error {
	parsed, err := ParseKind(string(text))
	*k = parsed
	return err
}
