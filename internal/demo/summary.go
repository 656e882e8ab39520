package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/pipeline"
)

// summarize shows what the first round has brought, and what to try next.
func summarize(ctx context.Context, out io.Writer, c *config.Config, path, command string) error {
	s, err := admin.Location(c).OpenReadOnly(ctx)
	if err != nil {
		return err
	}
	status, err := admin.Inspector{Config: c, Store: s, Now: time.Now}.Status(ctx)
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	fmt.Fprintln(out, "What the first round did:")
	for i := range status.Connectors {
		summarizePull(out, &status.Connectors[i])
	}
	fmt.Fprintf(out, "  known now: %s\n\n", counts(status.Entries))
	fmt.Fprintln(out, "What each output holds:")
	for i := range status.Outputs {
		summarizeOutput(out, &status.Outputs[i])
	}
	fmt.Fprintf(out, `
Try next:
  %[1]s --config %[2]s status
  %[1]s --config %[2]s why 5.149.248.77         (blocked, and by whose word)
  %[1]s --config %[2]s why 188.165.14.185       (a legitimate server that was abused: not blocked, and why)
  %[1]s --config %[2]s why api.telegram.org
  %[1]s --config %[2]s export --output blocklist

`, command, path)
	return nil
}

func summarizePull(out io.Writer, c *admin.ConnectorStatus) {
	var pulled pipeline.PullCounts
	if c.Last != nil {
		_ = json.Unmarshal(c.Last.Counts, &pulled)
	}
	fmt.Fprintf(out, "  %s: objects pulled: %d, pages: %d; entries new: %d; could not be used: %s\n",
		c.Name, pulled.Objects, pulled.Pages, pulled.EntriesNew, counts(c.Rejects))
}

func summarizeOutput(out io.Writer, o *admin.OutputStatus) {
	var delivered pipeline.DeliveryCounts
	if o.Last != nil {
		_ = json.Unmarshal(o.Last.Counts, &delivered)
	}
	fmt.Fprintf(out, "  %s: %s, in %s\n", o.Name, counts(o.Held), delivered.Where)
	for _, line := range firstLines(delivered.Where, 3) {
		fmt.Fprintf(out, "      %s\n", line)
	}
}

// firstLines reads the beginning of a file, each line cut to the width of a
// page.
func firstLines(path string, n int) []string {
	const width = 100
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	var lines []string
	for scanner := bufio.NewScanner(f); len(lines) < n && scanner.Scan(); {
		line := scanner.Text()
		if len(line) > width {
			line = strings.ToValidUTF8(line[:width], "") + "…"
		}
		lines = append(lines, line)
	}
	return lines
}

// counts writes "domain 3, ip 38", or "nothing".
func counts(byName map[string]int) string {
	if len(byName) == 0 {
		return "nothing"
	}
	parts := make([]string, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		parts = append(parts, fmt.Sprintf("%d %s", byName[name], name))
	}
	return strings.Join(parts, ", ")
}
