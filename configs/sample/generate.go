//go:build ignore

// Generate writes power-grid.json from a table of published facts:
//
//	go run generate.go FACTS.csv
package main

import (
	"fmt"
	"os"

	"github.com/indicatord/indicatord/configs/sample"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run generate.go FACTS.csv")
		os.Exit(2)
	}
	if err := generate(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(path string) error {
	table, err := os.Open(path)
	if err != nil {
		return err
	}
	defer table.Close()
	bundle, err := sample.Build(table)
	if err != nil {
		return err
	}
	return os.WriteFile("power-grid.json", bundle, 0o644)
}
