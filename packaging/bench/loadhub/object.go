package main

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"time"
)

const timeLayout = "2006-01-02T15:04:05.000Z"

// When the two versions of an indicator say that they were made.
var (
	created  = time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC).Format(timeLayout)
	modified = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC).Format(timeLayout)
)

// appendID writes the id of an indicator in the form of a random UUID.
func appendID(b []byte, number uint64) []byte {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:], random(number, saltID))
	binary.BigEndian.PutUint64(id[8:], number)
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	b = append(b, "indicator--"...)
	for i, end := range []int{4, 6, 8, 10, 16} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, id[[]int{0, 4, 6, 8, 10}[i]:end])
	}
	return b
}

func (v version) modified() string {
	if v.second {
		return modified
	}
	return created
}

// appendObject writes an indicator, about 716 bytes of JSON.
func appendObject(b []byte, v version, size uint64) []byte {
	b = append(b, `{"type":"indicator","spec_version":"2.1","id":"`...)
	b = appendID(b, v.number)
	b = append(b, `","created_by_ref":"identity--5d2cfe0d-30a5-4a2c-9a0c-0f3d1f1d7c11","created":"`...)
	b = append(b, created...)
	b = append(b, `","modified":"`...)
	b = append(b, v.modified()...)
	b = append(b, `","name":"Generated indicator `...)
	b = strconv.AppendUint(b, v.number, 10)
	b = append(b, `","indicator_types":["malicious-activity"],"pattern":"`...)
	b = appendPattern(b, source(v, size))
	b = append(b, `","pattern_type":"stix","pattern_version":"2.1","valid_from":"`...)
	b = append(b, created...)
	b = append(b, `","valid_until":"2036-12-31T00:00:00.000Z","labels":["load","generated"],"confidence":`...)
	b = strconv.AppendUint(b, 50+v.number%50, 10)
	return append(b, `,"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],"external_references":[{"source_name":"load","external_id":"load"}]}`...)
}
