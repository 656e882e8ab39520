// Package pipeline is the line from the hub to the tools: [Puller] brings what a
// connector fetches into the store, [Deliverer] brings one output to its view of
// the store. Between them is nothing but the store.
package pipeline
