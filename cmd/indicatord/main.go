// Command indicatord keeps the tools of a site up to date with the threat
// intelligence of its hubs.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// memoryOverhead is how much garbage may stand beside what is in use, in
// percent. The default of Go is 100; the agent shares a small machine with others,
// and its work is seldom bound by its own processor time. GOGC overrides it.
const memoryOverhead = 75

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(memoryOverhead)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // whoever asks a second time does not want to wait
	status := execute(ctx, newRootCommand(), os.Stderr)
	stop()
	os.Exit(status)
}
