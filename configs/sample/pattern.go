package sample

import (
	"fmt"
	"strings"
)

// objectPaths are the STIX object paths of the kinds of values.
var objectPaths = map[string]string{
	"ip":     "ipv4-addr:value",
	"domain": "domain-name:value",
	"url":    "url:value",
	"md5":    "file:hashes.MD5",
	"sha1":   "file:hashes.'SHA-1'",
	"sha256": "file:hashes.'SHA-256'",
}

var quoted = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

// comparison writes one comparison of a pattern.
func comparison(path, operator, value string) string {
	return fmt.Sprintf("%s %s '%s'", path, operator, quoted.Replace(value))
}

// equality writes the pattern that one value of a kind matches.
func equality(kind, value string) string {
	return "[" + comparison(objectPaths[kind], "=", value) + "]"
}
