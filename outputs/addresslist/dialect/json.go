package dialect

import (
	encoding "encoding/json"

	"github.com/indicatord/indicatord/internal/indicator"
)

var json = Dialect{
	Name:      "json",
	Reader:    "anything that reads JSON, such as OPNsense's URL Table in JSON",
	Source:    "RFC 8259: one array with an object for each entry, each on a line of its own",
	Kinds:     indicator.Kinds(),
	Addresses: AnyAddress,
	Names:     ByScope,
	InFull:    true,
	Header:    func(*List) string { return "[\n" },
	Footer:    func(*List) string { return "]\n" },
	Between:   ",\n",
	End:       "\n",
	Line: func(line []byte, e *indicator.Entry, _ *List) ([]byte, Unsaid) {
		text, err := encoding.Marshal(objectOf(e))
		if err != nil {
			return line, "a value that is no JSON"
		}
		return append(line, text...), ""
	},
}

// object is an entry as JSON says it.
type object struct {
	Kind       indicator.Kind `json:"kind"`
	Value      string         `json:"value"`
	Confidence *int           `json:"confidence,omitempty"`
	TLP        string         `json:"tlp,omitempty"`
	Direction  string         `json:"direction"`
	Scope      string         `json:"scope,omitempty"`
	ValidUntil string         `json:"valid_until,omitempty"`
	Sources    []string       `json:"sources"`
	Names      []string       `json:"names,omitempty"`
	Threats    []string       `json:"threats,omitempty"`
}

func objectOf(e *indicator.Entry) object {
	o := object{
		Kind: e.Key.Kind, Value: e.Key.Value, TLP: e.TLP().String(), Direction: e.Direction().String(),
		ValidUntil: until(e), Sources: inlined(e.Sources()), Names: inlined(e.Names()), Threats: inlined(e.Threats()),
	}
	if c := e.Confidence(); c != indicator.Unstated {
		stated := int(c)
		o.Confidence = &stated
	}
	if e.Key.Kind == indicator.Domain {
		o.Scope = e.Scope().String()
	}
	return o
}
