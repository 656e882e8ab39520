package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/agent"
	"github.com/indicatord/indicatord/internal/config"
)

func newRunCommand(file *string) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Run the agent until it is told to stop",
		Long: `Run pulls and delivers on the schedules of the configuration. SIGHUP reloads the
configuration, SIGTERM and SIGINT stop the agent once the deliveries that have
begun are done, 15 seconds at most. What is enforced stays enforced.

Under systemd it says when it is ready, when it reloads and that it is alive
(Type=notify-reload, WatchdogSec=).`,
		Example: `  indicatord run
  indicatord run --config /etc/indicatord/indicatord.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, found := config.Load(*file, plugins())
			printDiagnostics(cmd.ErrOrStderr(), found)
			if err := configError(*file, found); err != nil {
				return err
			}
			log := newLogger(c.Log, cmd.ErrOrStderr())
			return runAgent(cmd.Context(), c, *file, log)
		},
	}
}

func runAgent(ctx context.Context, c *config.Config, file string, log *slog.Logger) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	reload := make(chan struct{})
	go relay(ctx, hangup, reload)
	go keepWatchdog(ctx)
	go func() {
		<-ctx.Done()
		notify(daemon.SdNotifyStopping)
	}()
	return agent.Run(ctx, c, reload, agent.Options{
		Version: currentBuild().Version,
		Log:     log,
		Load:    func() (*config.Config, error) { return reloadConfig(file) },
		Ready:   func() { notify(daemon.SdNotifyReady) },
	})
}

// relay turns hangups into reloads, and tells systemd that one begins. The agent
// tells when it has ended.
func relay(ctx context.Context, hangup <-chan os.Signal, reload chan<- struct{}) {
	for {
		select {
		case <-hangup:
		case <-ctx.Done():
			return
		}
		notify(daemon.SdNotifyReloading + "\n" + daemon.SdNotifyMonotonicUsec())
		select {
		case reload <- struct{}{}:
		case <-ctx.Done():
			return
		}
	}
}

// reloadConfig puts the errors of the configuration into one of a single line: it
// goes to the log.
func reloadConfig(file string) (*config.Config, error) {
	c, found := config.Load(file, plugins())
	return c, inOneLine(found)
}

// notify tells systemd, where the program runs under it. That systemd does not
// listen is no reason to stop.
func notify(state string) { _, _ = daemon.SdNotify(false, state) }

// keepWatchdog tells systemd that the program is alive, twice as often as it
// asks for.
func keepWatchdog(ctx context.Context) {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil || interval == 0 {
		return
	}
	ticker := time.NewTicker(interval / 2)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			notify(daemon.SdNotifyWatchdog)
		case <-ctx.Done():
			return
		}
	}
}
