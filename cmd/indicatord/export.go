package main

import (
	"bufio"
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/admin"
)

func newExportCommand(file *string) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "export --output NAME",
		Short: "Write the view of an output, one JSON line for each entry",
		Long: `Export writes what an output should have at this moment, in the order of kinds and
values, whether or not it has been delivered.`,
		Example: `  indicatord export --output edge-firewall
  indicatord export --output siem | jq -r 'select(.kind == "domain").value'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(*file, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			w := bufio.NewWriterSize(cmd.OutOrStdout(), 64<<10)
			_, err = ask(cmd.Context(), c,
				func(client *admin.Client) error { return client.Export(cmd.Context(), output, w) },
				func(i admin.Inspector) error { return exportAlone(cmd.Context(), i, output, w) })
			return errors.Join(err, w.Flush())
		},
	}
	cmd.Flags().StringVar(&output, "output", "", "the output `NAME`")
	_ = cmd.MarkFlagRequired("output")
	_ = cmd.RegisterFlagCompletionFunc("output", completeNames(file, outputNames))
	return cmd
}

func exportAlone(ctx context.Context, i admin.Inspector, output string, w io.Writer) error {
	lines, err := i.Export(ctx, output)
	if err != nil {
		return err
	}
	encoder := newEncoder(w)
	for line, err := range lines {
		if err != nil {
			return err
		}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
