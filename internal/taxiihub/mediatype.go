package taxiihub

import (
	"mime"
	"strconv"
	"strings"
)

// The media types of the answers and of the objects in them.
const (
	MediaTypeTAXII = "application/taxii+json;version=2.1"
	MediaTypeSTIX  = "application/stix+json;version=2.1"
)

// acceptsTAXII reports whether the values of the Accept headers name TAXII 2.1.
// A wildcard does not: every request must name a TAXII media range (TAXII 2.1,
// section 3.1).
func acceptsTAXII(headers []string) bool {
	for _, header := range headers {
		for media := range strings.SplitSeq(header, ",") {
			if isTAXII(media) {
				return true
			}
		}
	}
	return false
}

func isTAXII(media string) bool {
	name, params, err := mime.ParseMediaType(media)
	if err != nil || name != "application/taxii+json" {
		return false
	}
	if version, given := params["version"]; given && version != "2.1" {
		return false
	}
	q, err := strconv.ParseFloat(params["q"], 64)
	return err != nil || q > 0
}
