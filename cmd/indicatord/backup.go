package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/store"
)

func newBackupCommand(file *string) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the state into a new file, beside a running daemon",
		Long: `Backup writes the state as it is at this moment, in one consistent database. To
restore it, stop the daemon, put the file in the place of indicatord.db in the
state directory, remove indicatord.db-wal and indicatord.db-shm there, and start
the daemon. A store in PostgreSQL is backed up with pg_dump.`,
		Example: `  indicatord backup /var/backups/indicatord-2026-11-23.db`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(*file, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if c.Store != nil {
				return store.ErrSharedBackup
			}
			s, err := store.OpenReadOnly(cmd.Context(), c.State)
			if err != nil {
				return err
			}
			if err := errors.Join(s.Backup(cmd.Context(), args[0]), s.Close()); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "The state in %s is backed up in %s.\n", c.State, args[0])
			return nil
		},
	}
}
