// Package realtest starts real nodes of Elasticsearch and OpenSearch for tests,
// and stands between them and a client to spoil what passes. Nothing of it, nor
// of what it downloads, is part of the program.
package realtest
