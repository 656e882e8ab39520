// Command indicatord keeps the tools of a site up to date with the threat
// intelligence of its hubs.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := execute(ctx, newRootCommand(), os.Stderr)
	stop()
	os.Exit(status)
}
