package addresslist

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"time"
)

// serial is the number of the version of a zone. The file is first rendered with
// the old number, so that it can be compared, and gets the next where it differs.
type serial struct {
	old, next uint32
	offset    int // in the file
}

// soa finds the serial in a zone file that this program wrote.
var soa = regexp.MustCompile(`(?m)^@ SOA \S+ \S+ (\d{10}) `)

// soaWithin is how far from its beginning a zone file has its SOA record.
const soaWithin = 1024

// serialOf reads the serial of the file at path and finds the next one. Serials
// are the seconds since 1970, or the old one and one where that is ahead of them:
// both rise.
func serialOf(path string, now time.Time) (serial, error) {
	start, err := beginningOf(path)
	if err != nil {
		return serial{}, err
	}
	s, err := serialAfter(start, uint32(now.Unix()))
	if err != nil {
		return serial{}, fmt.Errorf("reading the serial of the zone %s: %w: remove the file", path, err)
	}
	return s, nil
}

// serialAfter finds the serial that comes after that of a zone.
func serialAfter(zone []byte, wanted uint32) (serial, error) {
	found := soa.FindSubmatch(zone)
	if found == nil {
		return serial{old: wanted, next: wanted}, nil
	}
	old, err := strconv.ParseUint(string(found[1]), 10, 32)
	return serial{old: uint32(old), next: later(uint32(old), wanted)}, err
}

func beginningOf(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the serial of the zone: %w", err)
	}
	defer f.Close()
	start := make([]byte, soaWithin)
	n, err := io.ReadFull(f, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("reading the serial of the zone: %w", err)
	}
	return start[:n], nil
}

// later returns wanted where that is later than old in the arithmetic of
// RFC 1982, section 3.2, and the serial after old otherwise.
func later(old, wanted uint32) uint32 {
	if ahead := wanted - old; ahead != 0 && ahead < 1<<31 {
		return wanted
	}
	return old + 1
}
