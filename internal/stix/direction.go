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

// directionOf returns the direction that the labels say, unknown if none does.
func directionOf(labels []string) indicator.Direction {
	direction := indicator.DirectionUnknown
	for _, label := range labels {
		if misp, ok := strings.CutPrefix(label, "misp:type="); ok {
			direction |= labelDirections[strings.Trim(misp, `"`)]
		}
	}
	return direction
}
