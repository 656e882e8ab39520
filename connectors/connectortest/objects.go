package connectortest

import (
	"encoding/json"
	"fmt"
	"time"
)

// many is the number of objects that the tests of whole pulls use: a few pages
// of any connector whose pages are small, and not a round number.
const many = 23

// epoch is when the first version of every object was made.
var epoch = time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)

// Objects makes n valid indicators (STIX 2.1), numbered from first, in the
// given version. The same arguments give the same objects.
func Objects(first, n, version int) []json.RawMessage {
	objects := make([]json.RawMessage, n)
	for i := range objects {
		objects[i] = object(first+i, version)
	}
	return objects
}

// ID returns the id of the object that [Objects] numbers so.
func ID(number int) string {
	return fmt.Sprintf("indicator--00000000-0000-4000-8000-%012d", number)
}

func object(number, version int) json.RawMessage {
	modified := epoch.Add(time.Duration(version) * time.Hour)
	return fmt.Appendf(nil, `{"type":"indicator","spec_version":"2.1","id":%q,"created":%q,"modified":%q,`+
		`"pattern":"[ipv4-addr:value = '45.%d.%d.%d']","pattern_type":"stix","valid_from":%q}`,
		ID(number), stamp(epoch), stamp(modified), number>>16&0xff, number>>8&0xff, number&0xff, stamp(epoch))
}

func stamp(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z") }

// versionsOf returns the objects as "id modified".
func versionsOf(first, n, version int) []string {
	versions := make([]string, n)
	for i := range versions {
		versions[i] = ID(first+i) + " " + stamp(epoch.Add(time.Duration(version)*time.Hour))
	}
	return versions
}
