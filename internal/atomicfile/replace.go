package atomicfile

import "io"

// Replace makes what write writes the content of the file at path, and reports
// whether that changed it. A file that has this content already is left as it
// is. An existing file keeps its mode, its owner and its SELinux label; a new one
// gets mode. It is [Begin] and [Pending.Commit] in one, for a single file.
//
// On any error, which may be write's own, the old file stays and nothing is left
// beside it.
func Replace(path string, mode Mode, write func(io.Writer) error) (changed bool, err error) {
	p, err := Begin(path, Options{Mode: mode})
	if err != nil {
		return false, err
	}
	defer p.Discard()
	if err := write(p); err != nil {
		return false, err
	}
	if changed, err = p.Changed(); err != nil || !changed {
		return false, err
	}
	return true, p.Commit()
}
