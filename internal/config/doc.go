// Package config reads the configuration file. It is strict: whatever is not
// understood is a problem, all problems are told in one run, and each is told
// with its place, the line itself and advice. Reading touches nothing but the
// file: no secret is read, no plugin opened.
package config
