package indicator

import (
	"fmt"
	"strings"
)

// Confidence is a number from 0 to 100 (STIX 2.1, appendix A), or [Unstated].
type Confidence int8

// Unstated is the confidence of an object that states none. It is not zero.
const Unstated Confidence = -1

// Word returns the ECS word for the confidence: "Not Specified", "None", "Low",
// "Medium" or "High".
func (c Confidence) Word() string {
	switch {
	case c < 0:
		return "Not Specified"
	case c == 0:
		return "None"
	case c < 30:
		return "Low"
	case c < 70:
		return "Medium"
	}
	return "High"
}

// TLP is a Traffic Light Protocol level. A higher number is stricter, and the
// zero value is not a level: the marking is missing.
type TLP uint8

// The levels, from the widest audience to the narrowest.
const (
	TLPUnmarked TLP = iota
	TLPClear
	TLPGreen
	TLPAmber
	TLPAmberStrict
	TLPRed
)

var tlpNames = [...]string{"", "clear", "green", "amber", "amber+strict", "red"}

// String returns the level's name in lower case, "" where it is unmarked.
func (t TLP) String() string {
	if int(t) < len(tlpNames) {
		return tlpNames[t]
	}
	return fmt.Sprintf("tlp(%d)", uint8(t))
}

// ParseTLP reads a level's name in any letter case; "white" is clear.
func ParseTLP(name string) (TLP, error) {
	lower := strings.ToLower(name)
	if lower == "white" {
		return TLPClear, nil
	}
	for i, n := range tlpNames {
		if n == lower && i > 0 {
			return TLP(i), nil
		}
	}
	return TLPUnmarked, fmt.Errorf("unknown TLP level %q: want clear, green, amber, amber+strict or red", name)
}

// MarshalText writes the level's name.
func (t TLP) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads a level's name.
func (t *TLP) UnmarshalText(text []byte) error {
	parsed, err := ParseTLP(string(text))
	*t = parsed
	return err
}

// Direction says which way the traffic goes that an indicator is about, seen
// from the site.
type Direction uint8

// The directions. The zero value is unknown: STIX has no field for it.
const (
	DirectionUnknown Direction = iota
	DirectionTo                // the site connects to the value
	DirectionFrom              // the value connects to the site
	DirectionBoth
)

var directionNames = [...]string{"unknown", "to", "from", "both"}

// String returns the direction's name.
func (d Direction) String() string { return nameOf(directionNames[:], int(d), "direction") }

// ParseDirection is the inverse of [Direction.String].
func ParseDirection(name string) (Direction, error) {
	i, err := indexOf(directionNames[:], name, "direction")
	return Direction(i), err
}

// MarshalText writes the direction's name.
func (d Direction) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a direction's name.
func (d *Direction) UnmarshalText(text []byte) error {
	parsed, err := ParseDirection(string(text))
	*d = parsed
	return err
}

// Scope says how much of the name space a domain stands for.
type Scope uint8

// The scopes of a domain. Other kinds are always exact.
const (
	ScopeExact      Scope = iota
	ScopeSubdomains       // the name and every name below it
)

var scopeNames = [...]string{"exact", "subdomains"}

// String returns the scope's name.
func (s Scope) String() string { return nameOf(scopeNames[:], int(s), "scope") }

// MarshalText writes the scope's name.
func (s Scope) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name of a scope.
func (s *Scope) UnmarshalText(text []byte) error {
	i, err := indexOf(scopeNames[:], string(text), "scope")
	*s = Scope(i)
	return err
}

// Exactness says how well a key alone stands for the pattern it came from.
type Exactness uint8

// The degrees of exactness, best first.
const (
	Exact    Exactness = iota // whatever matches the key matches the pattern
	Widened                   // a constraint was dropped, which the operator allowed
	Compound                  // one part of a pattern that needs more than this key
)

var exactnessNames = [...]string{"exact", "widened", "compound"}

// String returns the name of the degree.
func (e Exactness) String() string { return nameOf(exactnessNames[:], int(e), "exactness") }

// MarshalText writes the name of the degree.
func (e Exactness) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads the name of a degree.
func (e *Exactness) UnmarshalText(text []byte) error {
	i, err := indexOf(exactnessNames[:], string(text), "exactness")
	*e = Exactness(i)
	return err
}

// End says why an assertion ends when it does.
type End uint8

// The reasons for an end.
const (
	EndNone     End = iota // it has no end
	EndHub                 // the hub gave valid_until
	EndLifetime            // the site's lifetime, where the hub gave no end
	EndCeiling             // the site's lifetime, shorter than what the hub gave
)

var endNames = [...]string{"none", "hub", "lifetime", "ceiling"}

// String returns the reason's name.
func (e End) String() string { return nameOf(endNames[:], int(e), "end") }

// MarshalText writes the reason's name.
func (e End) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads the name of a reason.
func (e *End) UnmarshalText(text []byte) error {
	i, err := indexOf(endNames[:], string(text), "end")
	*e = End(i)
	return err
}

// State says whether the source stands by an object. The numbers are stored.
type State uint8

// The states of an object.
const (
	Live      State = iota
	Revoked         // its maker took it back, for good
	Withdrawn       // the source no longer holds it
)

var stateNames = [...]string{"live", "revoked", "withdrawn"}

// String returns the state's name.
func (s State) String() string { return nameOf(stateNames[:], int(s), "state") }

// MarshalText writes the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name of a state.
func (s *State) UnmarshalText(text []byte) error {
	i, err := indexOf(stateNames[:], string(text), "state")
	*s = State(i)
	return err
}

func nameOf(names []string, i int, what string) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("%s(%d)", what, i)
}

func indexOf(names []string, name, what string) (int, error) {
	for i, n := range names {
		if n == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("unknown %s %q: want %s", what, name, strings.Join(names, ", "))
}
