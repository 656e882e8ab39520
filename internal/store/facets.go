package store

import (
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// The small attributes of an assertion share one integer, a field of bits each.
// The view assertions_in_words unfolds them for people.
const (
	confidenceShift = 0 // confidence + 1, so that 0 is unstated
	tlpShift        = 8
	directionShift  = 12
	scopeShift      = 16
	exactnessShift  = 20
	endShift        = 24
	stateShift      = 28
	typesShift      = 32
)

func packFacets(a *indicator.Assertion) int64 {
	return int64(a.Confidence+1)<<confidenceShift |
		int64(a.TLP)<<tlpShift |
		int64(a.Direction)<<directionShift |
		int64(a.Scope)<<scopeShift |
		int64(a.Exactness)<<exactnessShift |
		int64(a.End)<<endShift |
		int64(a.State)<<stateShift |
		int64(a.Types)<<typesShift
}

func unpackFacets(a *indicator.Assertion, facets int64) {
	a.Confidence = indicator.Confidence(facets>>confidenceShift&0xff) - 1
	a.TLP = indicator.TLP(facets >> tlpShift & 0xf)
	a.Direction = indicator.Direction(facets >> directionShift & 0x3)
	a.Scope = indicator.Scope(facets >> scopeShift & 0x3)
	a.Exactness = indicator.Exactness(facets >> exactnessShift & 0x3)
	a.End = indicator.End(facets >> endShift & 0x3)
	a.State = indicator.State(facets >> stateShift & 0x3)
	a.Types = indicator.TypeSet(facets >> typesShift & 0xffff)
}

// withState returns the facets of an assertion whose object has ended.
func withState(facets int64, state indicator.State) int64 {
	return facets&^(0x3<<stateShift) | int64(state)<<stateShift
}

// Micros is how the store writes a time, in microseconds since 1970: 0 is no time. The beginning of 1970,
// which some hubs write where they mean "long ago", is one microsecond later:
// an end there must not read as no end.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	if us := t.UnixMicro(); us != 0 {
		return us
	}
	return 1
}

// FromMicros is the inverse of [Micros], in UTC.
func FromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
