package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/pipeline"
)

// statusDifferent is the exit status of a plan in which something would change.
const statusDifferent = 2

func newPlanCommand(file *string) *cobra.Command {
	show := planned{}
	cmd := &cobra.Command{
		Use:   "plan [OUTPUT]",
		Short: "Show what the next deliveries would change",
		Long: `Plan shows what the next delivery to an output, or to every output, would add,
update and remove; what is kept from the tool because it must not be blocked
(guarded) or because the tool has no place for it (left-out); and whether the change
would be held until somebody approves it. Each comes with its reason. Nothing is
changed. The exit status is 0 where nothing would change and 2 where something
would.`,
		Example: `  indicatord plan
  indicatord plan edge-firewall
  indicatord plan edge-firewall --json | jq -r 'select(.op == "remove").value'
  indicatord plan edge-firewall --json | jq -r 'select(.op == "held").change'`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeNames(file, outputNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			return show.run(cmd, *file, strings.Join(args, ""), "")
		},
	}
	show.flags(cmd)
	return cmd
}

func newWhatIfCommand(file *string) *cobra.Command {
	show, selection := planned{}, ""
	cmd := &cobra.Command{
		Use:   "what-if OUTPUT --select YAML",
		Short: "Show what another selection would change at an output",
		Long: `What-if shows what would change at an output if its select: were another. The
selection is written as in the configuration, and replaces that of the output as
a whole. Nothing is changed. The exit status is that of plan.`,
		Example:           `  indicatord what-if edge-firewall --select '{kinds: [ip], min_confidence: 80}'`,
		Args:              oneOutput,
		ValidArgsFunction: completeNames(file, outputNames),
		RunE:              func(cmd *cobra.Command, args []string) error { return show.run(cmd, *file, args[0], selection) },
	}
	show.flags(cmd)
	cmd.Flags().StringVar(&selection, "select", "", "the selection, as `YAML`")
	_ = cmd.MarkFlagRequired("select")
	return cmd
}

// planned shows a plan.
type planned struct {
	asJSON bool
	limit  int
}

func (p *planned) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&p.asJSON, "json", false, "write every line as JSON")
	cmd.Flags().IntVar(&p.limit, "limit", 40, "show at most so many lines of each sort")
}

func (p *planned) run(cmd *cobra.Command, file, output, selection string) error {
	c, err := loadConfig(file, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	w := &planWriter{planned: p, out: cmd.OutOrStdout(), counts: map[string]int{}}
	_, err = ask(cmd.Context(), c,
		func(client *admin.Client) error { return client.Plan(cmd.Context(), output, selection, w) },
		func(i admin.Inspector) error { return planAlone(cmd.Context(), i, output, selection, w) })
	if err != nil {
		return err
	}
	return w.end()
}

func planAlone(ctx context.Context, i admin.Inspector, output, selection string, w io.Writer) error {
	lines, err := i.Plan(ctx, output, selection)
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

// planWriter takes the lines of a plan as JSON, shows and counts them.
type planWriter struct {
	*planned
	out       io.Writer
	rest      []byte
	output    string // which the lines are of, in a plan of several
	counts    map[string]int
	different bool
}

// Write implements [io.Writer].
func (w *planWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		line, rest, ended := bytes.Cut(w.rest, []byte("\n"))
		if !ended {
			return len(p), nil
		}
		w.rest = rest
		if err := w.line(line); err != nil {
			return 0, err
		}
	}
}

func (w *planWriter) line(text []byte) error {
	var line pipeline.Planned
	if err := json.Unmarshal(text, &line); err != nil {
		return fmt.Errorf("reading the plan: %w", err)
	}
	w.different = w.different || line.Op == "add" || line.Op == "update" || line.Op == "remove"
	if w.asJSON {
		_, err := fmt.Fprintf(w.out, "%s\n", text)
		return err
	}
	if line.Output != w.output {
		if err := w.turn(line.Output); err != nil {
			return err
		}
	}
	w.counts[line.Op]++
	if w.counts[line.Op] > w.limit {
		return nil
	}
	words := []string{fmt.Sprintf("%-8s", line.Op)}
	if line.Value != "" {
		words = append(words, line.Kind.String(), printable(line.Value))
	}
	if line.Reason != "" {
		words = append(words, "  "+printable(line.Reason))
	}
	_, err := fmt.Fprintln(w.out, strings.Join(words, " "))
	return err
}

// turn ends the plan of one output and begins that of the next.
func (w *planWriter) turn(output string) error {
	if w.output != "" {
		w.sum()
	}
	w.output, w.counts = output, map[string]int{}
	_, err := fmt.Fprintf(w.out, "output %s:\n", output)
	return err
}

// sum tells the counts of an output.
func (w *planWriter) sum() {
	fmt.Fprintf(w.out, "to add: %d, to update: %d, to remove: %d; must not be blocked: %d; no place: %d\n",
		w.counts["add"], w.counts["update"], w.counts["remove"], w.counts["guarded"], w.counts["left-out"])
}

// end tells the counts, and decides the exit status.
func (w *planWriter) end() error {
	if !w.asJSON {
		w.sum()
	}
	if len(w.rest) > 0 {
		return errors.New("the plan broke off")
	}
	if w.different {
		return exitSilently(statusDifferent)
	}
	return nil
}
