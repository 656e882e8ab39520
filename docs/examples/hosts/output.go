// Package hosts is an output to a file in the format of /etc/hosts, in which
// every domain of the view is given an address that leads nowhere.
package hosts

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/indicatord/indicatord/internal/atomicfile"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// Output keeps one hosts file up to date.
type Output struct{ path, address string }

// Deliver implements [outputs.Output]: it writes the whole view each time.
func (o *Output) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	receipt := outputs.Receipt{Where: o.path, Skipped: map[string]int{}}
	changed, err := atomicfile.Replace(o.path, 0o644, func(w io.Writer) error {
		for entry, err := range d.All(outputs.KeysOnly) {
			switch {
			case err != nil:
				return err // the view is cut short, and half a file is worse than the old one
			case ctx.Err() != nil:
				return ctx.Err()
			case entry.Key.Kind != indicator.Domain:
				receipt.Skipped["not a domain"]++
				continue
			}
			if _, err := fmt.Fprintf(w, "%s %s\n", o.address, entry.Key.Value); err != nil {
				return err
			}
			receipt.Held++
		}
		return nil
	})
	if err != nil {
		return outputs.Receipt{}, fmt.Errorf("writing the hosts file: %w", err)
	}
	if changed {
		receipt.Written = receipt.Held
	}
	return receipt, nil
}

// Probe implements [outputs.Prober]: it changes nothing.
func (o *Output) Probe(context.Context) (string, error) {
	target, err := atomicfile.Resolve(o.path)
	if err != nil {
		return "", err
	}
	if err := atomicfile.Writable(filepath.Dir(target)); err != nil {
		return "", err
	}
	return target + " can be written", nil
}

var (
	_ outputs.Output = (*Output)(nil)
	_ outputs.Prober = (*Output)(nil)
)
