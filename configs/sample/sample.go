// Package sample is the intelligence that the demo serves: a STIX 2.1 bundle of
// published indicators of campaigns against power grids, and a small history
// that comes and goes while one watches.
package sample

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed power-grid.json
var powerGrid []byte

// Bundle returns the bundle power-grid.json as it is. The caller must not
// change it.
func Bundle() []byte { return powerGrid }

// Objects returns the objects of the bundle, each as it is written there.
func Objects() ([]json.RawMessage, error) {
	var bundle struct{ Objects []json.RawMessage }
	if err := json.Unmarshal(powerGrid, &bundle); err != nil {
		return nil, fmt.Errorf("reading the sample bundle: %w", err)
	}
	return bundle.Objects, nil
}
