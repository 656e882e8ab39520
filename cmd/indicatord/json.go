package main

import (
	"encoding/json"
	"io"
)

// newEncoder returns an encoder that writes one line for each value. It leaves
// "<", ">" and "&" as they are: nothing of it is put into HTML.
func newEncoder(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder
}

// printJSON writes one document, for people as well as for programs.
func printJSON(w io.Writer, document any) error {
	encoder := newEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}
