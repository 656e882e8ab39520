package listserver

import (
	"strconv"
	"strings"
)

// accepted returns the best coding of those that the values of Accept-Encoding
// allow (RFC 9110, section 12.5.3). Where they allow none of ours, it is the list
// as it is: a device has more of that than of 406.
func accepted(values []string) coding {
	weights := weightsOf(strings.Join(values, ","))
	best, most := identity, 0.0
	for _, c := range []coding{zstded, gzipped} {
		weight, named := weights[string(c)]
		if !named {
			weight = weights["*"]
		}
		if weight > most {
			best, most = c, weight
		}
	}
	if weight, named := weights["identity"]; named && weight > most {
		return identity
	}
	return best
}

// weightsOf reads the codings with their weights. What cannot be read counts as
// not accepted.
func weightsOf(text string) map[string]float64 {
	weights := map[string]float64{}
	for item := range strings.SplitSeq(text, ",") {
		name, parameter, weighted := strings.Cut(item, ";")
		weight := 1.0
		if weighted {
			weight = weightOf(parameter)
		}
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "x-gzip" { // RFC 9110, section 8.4.1.3
			name = string(gzipped)
		}
		weights[name] = weight
	}
	return weights
}

func weightOf(parameter string) float64 {
	name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
	weight, err := strconv.ParseFloat(value, 64)
	if err != nil || !strings.EqualFold(name, "q") || !(weight >= 0 && weight <= 1) {
		return 0
	}
	return weight
}
