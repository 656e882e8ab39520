package gbt36643

import (
	"strings"
	"testing"
	"time"
)

// TestDeepFilesAreReadQuickly: what is nested without end is a reject, and takes
// no time in proportion to its depth.
func TestDeepFilesAreReadQuickly(t *testing.T) {
	m := mappings(t)[0]
	const deep = 4500 // in all twice as deep, which is what JSON is read to
	for name, file := range map[string]string{
		"lists":      strings.Repeat("[", deep) + strings.Repeat(" ", 4<<20) + strings.Repeat("]", deep),
		"containers": strings.Repeat(`{"records":[`, deep) + strings.Repeat(" ", 1<<20) + strings.Repeat("]}", deep),
		"records":    `{"id":"indicator-1","observable":` + strings.Repeat(`{"object":[`, deep) + strings.Repeat("]}", deep) + "}",
	} {
		begun := time.Now()
		reading, err := Read([]byte(file), m)
		if err != nil || len(reading.Records) != 1 || len(reading.Records[0].Rejects) == 0 {
			t.Errorf("%s: %v, %v", name, reading, err)
		}
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("%s take %v", name, took)
		}
	}
}

// TestRecordsOfOneLineHaveColumns: the place of a record is cheap wherever it is.
func TestRecordsOfOneLineHaveColumns(t *testing.T) {
	reading, err := Read([]byte(`[{"id":"indicator-恶意"},{"id":"indicator-2"}]`), mappings(t)[0])
	if err != nil {
		t.Fatal(err)
	}
	if r := reading.Records[1]; r.Line != 1 || r.Column != 24 {
		t.Errorf("the second record is at %d:%d, want 1:24", r.Line, r.Column)
	}
}
