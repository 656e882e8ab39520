package stix

import (
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

// labelDirections are the MISP attribute types that say a direction. STIX has
// no property for it, so producers keep them as labels: misp:type="ip-dst".
var labelDirections = map[string]indicator.Direction{
	"ip-dst": indicator.DirectionTo, "ip-dst|port": indicator.DirectionTo, "email-dst": indicator.DirectionTo,
	"ip-src": indicator.DirectionFrom, "ip-src|port": indicator.DirectionFrom, "email-src": indicator.DirectionFrom,
}

// phaseDirections are the phases of a kill chain (those of Lockheed Martin and of
// ATT&CK have the same names) in which the direction is plain: a site connects to
// what commands it, and is connected to by what looks it over.
var phaseDirections = map[string]indicator.Direction{
	"command-and-control": indicator.DirectionTo,
	"exfiltration":        indicator.DirectionTo,
	"reconnaissance":      indicator.DirectionFrom,
}

// directionOf returns the direction that the labels say or, where none does, the
// phases of the kill chain; unknown where neither says one.
func directionOf(said *indicator.Object) indicator.Direction {
	direction := indicator.DirectionUnknown
	for _, label := range said.Labels {
		if misp, ok := strings.CutPrefix(label, "misp:type="); ok {
			direction |= labelDirections[strings.Trim(misp, `"`)]
		}
	}
	if direction != indicator.DirectionUnknown {
		return direction
	}
	for _, phase := range said.KillChain {
		_, name, _ := strings.Cut(phase, ":")
		direction |= phaseDirections[name]
	}
	return direction
}
