// Package lifetest has tests alone. It leads the whole line, from a hub to its
// tools, through random histories, and compares what every tool holds with a
// small model of the life of an indicator. The model is written from the
// standard and from the decisions in docs/decisions, and uses none of the code
// that it judges.
//
// An ordinary run draws a few hundred histories. For more, and for one that
// failed before:
//
//	go test ./internal/lifetest -rapid.checks=10000
//	go test ./internal/lifetest -rapid.seed=…
package lifetest
