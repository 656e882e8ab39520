// Package addresslist is an output to a file that a firewall, a proxy, a
// resolver or a script reads, in the language of that reader: the whole list each
// time.
package addresslist

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/indicatord/indicatord/internal/atomicfile"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/addresslist/dialect"
)

// Output keeps one list up to date.
type Output struct {
	words   dialect.Dialect
	about   dialect.List
	place   place
	files   atomicfile.Options
	comment bool
	join    bool // prefixes are joined
	widen   bool
	room    room

	reloader *reloader
	served   *served // nil for a list that is not served
	state    string  // a directory of this output's own, "" for none
	trying   bool    // what is written is thrown away
}

// Deliver implements [outputs.Output]. It renders the whole view and compares it
// with the files, so that it also mends what somebody else changed in them. No
// file is touched before all of them are whole.
func (o *Output) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	if err := o.served.begin(o.place.path); err != nil {
		return outputs.Receipt{}, err
	}
	w, err := o.render(ctx, d)
	if err != nil {
		return outputs.Receipt{}, fmt.Errorf("writing the list: %w", err)
	}
	defer w.discard()
	if err := o.publish(ctx, d.Now, w); err != nil {
		return outputs.Receipt{}, err
	}
	return w.receipt(), nil
}

// render writes the view beside the files. Where it does not fit, it does so once
// more without the entries that are trusted least.
func (o *Output) render(ctx context.Context, d outputs.Delivery) (*writing, error) {
	w := newWriting(o, d.Now, nil)
	err := w.write(ctx, o.view(ctx, d, w.left))
	if cuts := w.cuts(); err == nil && cuts != nil {
		w.discard()
		w = newWriting(o, d.Now, cuts)
		err = w.write(ctx, o.view(ctx, d, w.left))
	}
	if err != nil {
		w.discard()
		return nil, err
	}
	return w, nil
}

// Preview implements [outputs.Previewer]: the list is written beside the files as
// it is for a delivery, and thrown away.
func (o *Output) Preview(ctx context.Context, d outputs.Delivery, leave func(indicator.Key, string)) error {
	if !o.served.begun(o.place.path) {
		// Whoever asks is not always the daemon's user, whose directory it is to be.
		defer func() { _ = os.Remove(filepath.Dir(o.place.path)) }()
	}
	if err := o.served.begin(o.place.path); err != nil {
		return err
	}
	trial := *o
	trial.trying, trial.state = true, ""
	w, err := trial.render(ctx, d)
	if err != nil {
		return fmt.Errorf("trying what fits the list: %w", err)
	}
	defer w.discard()
	for _, o := range w.left.kept {
		leave(o.key, string(o.why))
	}
	return nil
}

// Probe implements [outputs.Prober]: it looks at the files and their directory
// and changes neither.
func (o *Output) Probe(context.Context) (string, error) {
	if err := o.reloader.probe(); err != nil {
		return "", err
	}
	path := o.place.file(o.place.branches(&o.words)[0], 1)
	if !o.served.begun(path) {
		return o.served.where(path) + " does not exist yet: the first delivery makes its directory " + filepath.Dir(path), nil
	}
	target, err := atomicfile.Resolve(path)
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
	_ outputs.Output    = (*Output)(nil)
	_ outputs.Prober    = (*Output)(nil)
	_ outputs.Verifier  = (*Output)(nil)
	_ outputs.Previewer = (*Output)(nil)
)
