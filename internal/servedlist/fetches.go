package servedlist

import (
	"fmt"
	"path/filepath"
	"time"
)

// maxFetches bounds what is read of who fetched what: enough for tens of thousands
// of devices.
const maxFetches = 16 << 20

// Fetch is what is known of one device and one list.
type Fetch struct {
	// Since is when the list was first offered to the device.
	Since time.Time `json:"since"`
	// At is when the device last had the list: it fetched it, or was told that
	// what it has is current. Zero for never.
	At time.Time `json:"at,omitzero"`
	// File is the file of the list that it fetched then, and Version its checksum.
	File    string `json:"file,omitempty"`
	Version string `json:"version,omitempty"`
}

// Fetches are the fetches by the names of lists and then of devices.
type Fetches map[string]map[string]Fetch

func fetchesPath(dir string) string { return filepath.Join(dir, ".fetches") }

// ReadFetches reads the fetches of the lists in a directory. Where nothing was
// written yet there are none.
func ReadFetches(dir string) (Fetches, error) {
	f := Fetches{}
	err := readJSON(fetchesPath(dir), maxFetches, &f)
	if isMissing(err) || err == nil && f == nil { // The JSON null is nothing as well.
		return Fetches{}, nil
	}
	if err != nil {
		return Fetches{}, fmt.Errorf("reading who fetched the lists: %w", err)
	}
	return f, nil
}

// WriteFetches replaces the fetches of the lists in a directory.
func WriteFetches(dir string, f Fetches) error {
	if err := writeJSON(fetchesPath(dir), 0o640, f); err != nil {
		return fmt.Errorf("writing who fetched the lists: %w", err)
	}
	return nil
}

// Set notes a fetch.
func (f Fetches) Set(list, device string, fetch Fetch) {
	if f[list] == nil {
		f[list] = map[string]Fetch{}
	}
	f[list][device] = fetch
}
