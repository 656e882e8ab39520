//go:build unix

package listserver

import (
	"io/fs"
	"syscall"
)

// inode returns the number of a file, which is another one after each replacement.
func inode(info fs.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Ino
	}
	return 0
}
