package sample

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"time"
)

// invented is an indicator of the history, and what the history must know of it.
type invented struct {
	value    string
	until    time.Time // zero for no end
	modified time.Time
	object   indicatorObject
}

// revise makes the object a newer version, even if the clock stood still.
func (i *invented) revise(now time.Time) {
	i.modified = i.modified.Add(time.Millisecond)
	if now.After(i.modified) {
		i.modified = now
	}
	i.object.Modified = timestamp(i.modified)
}

// kindOrder is the order in which kinds come up.
var kindOrder = []string{"domain", "ip", "domain", "ip", "url", "sha256"}

// confidences are what an indicator may have: below, at and above what outputs
// usually ask for.
var confidences = []int{25, 50, 70, 85, 95}

// addresses have been published as command and control servers, and the bundle
// names them all. The first two stand in URLs there and nowhere else, so their
// coming and going shows in a list of addresses.
var addresses = []string{
	"82.118.236.23", "217.12.204.100",
	"88.198.13.116", "185.217.0.121", "93.190.137.212", "95.141.37.3",
	"80.233.134.147", "109.200.202.7", "193.105.134.68", "62.210.77.169",
}

// inventedNames are host names below a top-level domain that cannot exist.
func inventedNames() []string {
	var names []string
	for _, part := range []string{"grid", "substation", "relay", "meter", "turbine", "feeder", "dispatch", "scada"} {
		for _, use := range []string{"update", "sync", "portal", "mail", "time", "cdn"} {
			names = append(names, part+"-"+use+".example")
		}
	}
	return names
}

// invent makes the next new indicator.
func (h *History) invent(now time.Time) *invented {
	n := h.made
	h.made++
	kind := kindOrder[n%len(kindOrder)]
	i := &invented{value: h.value(kind, n), modified: now}
	i.object = indicatorObject{
		common:         newCommon("indicator", fmt.Sprintf("history %d %d", h.seed, n), now),
		Types:          []string{"malicious-activity"},
		Pattern:        equality(kind, i.value),
		PatternType:    "stix",
		PatternVersion: "2.1",
		ValidFrom:      timestamp(now),
	}
	i.object.CreatedBy, i.object.Markings = h.author().ID, []string{tlpGreen}
	i.object.Name = "History: " + wordings[kind].name
	i.object.Description = "Made up by the demo, to show how indicators come and go."
	i.object.Labels = wordings[kind].labels
	i.object.Confidence = confidences[2+h.random.IntN(3)]
	if h.random.IntN(2) == 0 {
		life := shortestLife + time.Duration(h.random.Int64N(int64(lifeSpread)))
		i.until = now.Add(life).Truncate(time.Millisecond)
		i.object.ValidUntil = timestamp(i.until)
	}
	return i
}

// value is the n-th value, one that no living indicator has.
func (h *History) value(kind string, n int) string {
	name := h.names[n%len(h.names)]
	if round := n / len(h.names); round > 0 {
		name = fmt.Sprintf("n%d.%s", round, name)
	}
	switch kind {
	case "ip":
		return h.freeAddress()
	case "url":
		return "http://" + name + "/firmware/update.bin"
	case "sha256":
		return fmt.Sprintf("%x", sha256.Sum256([]byte(name)))
	}
	return name
}

func (h *History) freeAddress() string {
	for _, address := range addresses {
		taken := func(i *invented) bool { return i.value == address }
		if !slices.ContainsFunc(h.live, taken) {
			return address
		}
	}
	return addresses[h.random.IntN(len(addresses))]
}
