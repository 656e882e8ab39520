package admin

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/servedlist"
)

// ReaderStatus is how a device that fetches a served list keeps up.
type ReaderStatus struct {
	Device string `json:"device"`
	List   string `json:"list"`
	// Fetched is when the device last had the list: it fetched it, or was told that
	// what it has is current. Zero for never.
	Fetched time.Time `json:"fetched,omitzero"`
	// File and Version are what it then had: the name of the file, which differs from
	// List where that stands for several, and its checksum.
	File    string `json:"file,omitempty"`
	Version string `json:"version,omitempty"`
	// Current is true while there is no newer version than that.
	Current bool `json:"current"`
	// Stale is since when the device should have fetched and has not, zero while it
	// does.
	Stale time.Time `json:"stale_since,omitzero"`
}

// fetches returns who fetched what. A daemon writes it down within seconds.
func (i Inspector) fetches() (servedlist.Fetches, error) {
	if i.Config.Lists.Listen == "" {
		return nil, nil
	}
	return servedlist.ReadFetches(i.Config.ListsDirectory())
}

// readers tells how the devices of an output keep up, in the order of the
// configuration.
func (i Inspector) readers(o *config.Output, fetches servedlist.Fetches) []ReaderStatus {
	list := o.ServedList()
	if list == "" || i.Config.Lists.Listen == "" {
		return nil
	}
	var readers []ReaderStatus
	for _, c := range i.Config.Lists.Clients {
		if slices.Contains(c.Lists, list) {
			readers = append(readers, i.reader(c.Name, list, fetches[list][c.Name]))
		}
	}
	return readers
}

func (i Inspector) reader(device, list string, f servedlist.Fetch) ReaderStatus {
	r := ReaderStatus{Device: device, List: list, Fetched: f.At, File: f.File, Version: f.Version}
	if f.File != "" {
		record, err := servedlist.ReadRecord(filepath.Join(i.Config.ListsDirectory(), filepath.Base(f.File)))
		r.Current = err == nil && record.Newest().SHA256 == f.Version
	}
	last := f.At
	if last.IsZero() {
		last = f.Since
	}
	if patience := i.Config.Lists.StaleAfter; patience > 0 && !last.IsZero() && i.Now().Sub(last) > patience {
		r.Stale = last.Add(patience)
	}
	return r
}

// readerAlarms tells of devices that have stopped fetching, or never began. Each
// device is a subject of its own, so that a second one is told of while the first
// still stands.
func readerAlarms(o *OutputStatus) []Alarm {
	var all []Alarm
	for i := range o.Readers {
		r := &o.Readers[i]
		if r.Stale.IsZero() {
			continue
		}
		text := fmt.Sprintf("the device %s has never fetched the list %s", r.Device, r.List)
		if !r.Fetched.IsZero() {
			text = fmt.Sprintf("the device %s last fetched the list %s at %s", r.Device, r.List, r.Fetched.UTC().Format(time.RFC3339))
		}
		all = append(all, Alarm{Name: "reader-stale", Subject: "output/" + o.Name + "/" + r.Device, Since: r.Stale, Text: text})
	}
	return all
}
