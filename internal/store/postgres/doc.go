// Package postgres reaches a PostgreSQL server for the store: where it is, by
// whose right, how safely, and what has to be said differently there. It speaks
// database/sql, so the store above it has one set of statements for both its
// engines.
package postgres
