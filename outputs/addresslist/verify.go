package addresslist

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// Verify implements [outputs.Verifier]. It renders what the reader has been given
// and compares that with the files, line by line. Lines that no entry has are
// extra; as keys they are of the kind other.
func (o *Output) Verify(ctx context.Context, d outputs.Delivery) (outputs.Difference, error) {
	w, err := o.render(ctx, d)
	if err != nil {
		return outputs.Difference{}, fmt.Errorf("verifying the list: %w", err)
	}
	defer w.discard()
	diff := outputs.Difference{Wanted: w.receipt().Held}
	missing := map[string]bool{}
	for _, p := range w.changed() {
		extra, err := p.compare(missing)
		if err != nil {
			return outputs.Difference{}, fmt.Errorf("verifying the list: %w", err)
		}
		diff.Extra = append(diff.Extra, extra...)
	}
	if diff.Missing, err = o.entriesOf(ctx, d, missing); err != nil {
		return outputs.Difference{}, fmt.Errorf("verifying the list: %w", err)
	}
	diff.Present = diff.Wanted - len(diff.Missing) + len(diff.Extra)
	return diff, nil
}

// compare reads the file and its new version. It adds to missing the lines that
// only the new one has, and returns those that only the old one has.
func (p *part) compare(missing map[string]bool) ([]indicator.Key, error) {
	have, err := linesOfFile(p.path)
	if err != nil {
		return nil, err
	}
	want, err := p.file.Content()
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(want)
	lines.Buffer(nil, maxOldLine)
	for lines.Scan() {
		line := bare(lines.Text())
		if !have[line] {
			missing[line] = true
		}
		delete(have, line)
	}
	var extra []indicator.Key
	for line := range have {
		if !soa.MatchString(line) { // the new version has another serial
			extra = append(extra, indicator.Key{Kind: indicator.Other, Value: line})
		}
	}
	slices.SortFunc(extra, indicator.Compare)
	return extra, lines.Err()
}

// entriesOf returns the entries to which any of the lines belongs.
func (o *Output) entriesOf(ctx context.Context, d outputs.Delivery, lines map[string]bool) ([]indicator.Key, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	var keys []indicator.Key
	var text []byte
	for e, err := range o.view(ctx, d, newLeftOut("")) {
		if err != nil {
			return nil, err
		}
		text, _ = o.words.Line(text[:0], e, &o.about)
		for line := range strings.SplitSeq(string(text), "\n") {
			if lines[bare(line)] {
				keys = append(keys, e.Key)
				break
			}
		}
	}
	return keys, nil
}

// bare returns a line without what may stand between it and the next.
func bare(line string) string { return strings.TrimRight(line, ",\r") }

// linesOfFile returns the lines of a file, none where it does not exist.
func linesOfFile(path string) (map[string]bool, error) {
	have := map[string]bool{}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return have, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxOldLine)
	for lines.Scan() {
		have[bare(lines.Text())] = true
	}
	return have, lines.Err()
}
