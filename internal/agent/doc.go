// Package agent wires a configuration to the pipeline and owns time: schedules,
// retries, the passing of validity, reload and drain. One goroutine works for
// each connector and one for each output; between them is only the store.
package agent
