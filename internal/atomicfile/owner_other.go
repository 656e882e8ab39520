//go:build !unix

package atomicfile

import (
	"io/fs"
	"os"
)

// MatchOwner gives f the permission bits of the file that info is about. The
// owner is left to the operating system.
func MatchOwner(f *os.File, info fs.FileInfo) error { return f.Chmod(info.Mode().Perm()) }

// SyncDir does nothing where a directory cannot be written to the disk by
// itself.
func SyncDir(string) error { return nil }

// Writable is not known here before the first file is made.
func Writable(string) error { return nil }

// mayLead does not know here who made a link.
func mayLead(fs.FileInfo, string, string) error { return nil }
