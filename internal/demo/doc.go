// Package demo shows the main job on one machine: a real TAXII 2.1 hub on
// loopback serves real indicators, and the ordinary agent with an ordinary
// configuration keeps lists and documents up to date with them.
package demo
