// Package gbt36643 reads files of threat intelligence that are no STIX: records
// of GB/T 36643-2018 and answers of ThreatBook services.
//
// What a format looks like is in no code but in a [Mapping], a table in YAML
// that says where the records are, under which keys they have what, and what
// their words mean. Two tables are shipped, and a site lays its own over them.
//
// [Read] says each indicator of a file over again as a STIX 2.1 object, so that
// its life, its confidence and its canonical forms are those of every other
// indicator. It never guesses: values count alone only where the record says in
// a known word that any one of them suffices, and that it is equality that is
// asked for. Everything else is a reject.
package gbt36643
