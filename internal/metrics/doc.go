// Package metrics shows the state of an agent to a Prometheus server. It is made
// of the same status that people read, so the two never disagree.
package metrics
