// Package addresslist is an output to a file that a firewall, a proxy, a
// resolver or a script reads: one value a line, the whole list each time.
package addresslist

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/indicatord/indicatord/internal/atomicfile"
	"github.com/indicatord/indicatord/outputs"
)

// Output keeps one list up to date.
type Output struct {
	path    string
	mode    atomicfile.Mode
	dialect dialect
}

// Deliver implements [outputs.Output]. It renders the whole view and compares it
// with the file, so that it also mends what somebody else changed in the file.
func (o *Output) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	list := renderer{dialect: o.dialect, skipped: map[string]int{}}
	changed, err := atomicfile.Replace(o.path, o.mode, func(w io.Writer) error {
		return list.render(ctx, w, d.All(outputs.KeysOnly))
	})
	if err != nil {
		return outputs.Receipt{}, fmt.Errorf("writing the list: %w", err)
	}
	receipt := outputs.Receipt{Held: list.lines, Skipped: list.skipped, Where: o.path}
	if changed {
		receipt.Written = list.lines
	}
	return receipt, nil
}

// Probe implements [outputs.Prober]: it looks at the file and its directory and
// changes neither.
func (o *Output) Probe(context.Context) (string, error) {
	target, err := atomicfile.Resolve(o.path)
	if err != nil {
		return "", err
	}
	if err := atomicfile.Writable(filepath.Dir(target)); err != nil {
		return "", err
	}
	info, err := os.Stat(target)
	if os.IsNotExist(err) {
		return target + " does not exist yet", nil
	}
	if err != nil {
		return "", fmt.Errorf("looking at the list: %w", err)
	}
	return fmt.Sprintf("%s has %d bytes, written at %s", target, info.Size(), info.ModTime().UTC().Format("2006-01-02 15:04:05Z")), nil
}

var (
	_ outputs.Output = (*Output)(nil)
	_ outputs.Prober = (*Output)(nil)
)
