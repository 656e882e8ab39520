package pattern

import (
	"fmt"
	"slices"
	"strings"
)

// Shapes is a set of pattern shapes that say more than a key can. By default
// none gives a key.
type Shapes uint8

// The shapes. The keys of a shape that is allowed are labelled
// [indicator.Widened], those of [ShapeParts] [indicator.Compound].
const (
	// ShapeHashAndFile is a hash and another property of the file, such as its
	// name or size.
	ShapeHashAndFile Shapes = 1 << iota
	// ShapeAddressAndPort is an address and a port, protocol or other property
	// of the traffic. [KeyTerm.Port] keeps the port.
	ShapeAddressAndPort
	// ShapeDomainAndAddress is a domain and an address that it resolves to.
	ShapeDomainAndAddress
	// ShapeWeakHashes is several hashes of one file of which the strongest is
	// MD5 or SHA-1.
	ShapeWeakHashes
	// ShapeParts is a pattern that needs several observations, or one in a
	// window of time: each observation gives its keys.
	ShapeParts
)

var shapeNames = [...]string{
	"hash-and-file", "address-and-port", "domain-and-address", "weak-hashes", "parts",
}

// ParseShape returns the set that holds the one shape of that name.
func ParseShape(name string) (Shapes, error) {
	for i, n := range shapeNames {
		if n == name {
			return 1 << i, nil
		}
	}
	return 0, fmt.Errorf("unknown pattern shape %q: want one of %s", name, strings.Join(shapeNames[:], ", "))
}

// Has reports whether every shape of want is in the set.
func (s Shapes) Has(want Shapes) bool { return s&want == want }

// ShapeNames returns the name of each shape, in the order of the constants.
func ShapeNames() []string { return slices.Clone(shapeNames[:]) }

// UnmarshalText reads the name of one shape.
func (s *Shapes) UnmarshalText(text []byte) (err error) {
	*s, err = ParseShape(string(text))
	return err
}

// String returns the names of the shapes, with commas between them.
func (s Shapes) String() string {
	var names []string
	for i, name := range shapeNames {
		if s.Has(1 << i) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}
