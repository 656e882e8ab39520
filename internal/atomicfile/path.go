package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// maxLinks bounds a chain of symbolic links, as the kernel does.
const maxLinks = 40

// Resolve follows symbolic links and returns the path of the file that is to be
// written, which need not exist. It is an error if something is there that is
// not a regular file, such as a directory or a named pipe, if its directory is
// missing, or if a link of another user leads to what is not that user's.
func Resolve(path string) (string, error) {
	target := path
	for range maxLinks {
		info, err := os.Lstat(target)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return target, directoryExists(target)
		case err != nil:
			return "", fmt.Errorf("looking at %s: %w", target, Advise(err, target))
		case info.Mode().IsRegular():
			return target, nil
		case info.Mode()&fs.ModeSymlink == 0:
			return "", fmt.Errorf("%s is %s, not a regular file: remove it or write another path", target, kindOf(info))
		}
		link, err := os.Readlink(target)
		if err != nil {
			return "", fmt.Errorf("following the link %s: %w", target, err)
		}
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(target), link)
		}
		if err := mayLead(info, target, link); err != nil {
			return "", err
		}
		target = link
	}
	return "", fmt.Errorf("%s leads through more than %d symbolic links", path, maxLinks)
}

func kindOf(info fs.FileInfo) string {
	switch mode := info.Mode(); {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}

func directoryExists(target string) error {
	info, err := os.Stat(filepath.Dir(target))
	if err != nil {
		return fmt.Errorf("looking for the directory of %s: %w", target, Advise(err, target))
	}
	if !info.IsDir() {
		return fmt.Errorf("looking for the directory of %s: %s is not a directory", target, filepath.Dir(target))
	}
	return nil
}

// leftoverPattern is the pattern of os.CreateTemp for the temporary files of a
// target. The leading dot keeps them out of what most programs read.
func leftoverPattern(target string) string {
	return "." + filepath.Base(target) + ".indicatord-*.tmp"
}

// leftoverName is a name that the pattern makes, for what needs no random one.
func leftoverName(target string) string {
	return strings.Replace(leftoverPattern(target), "*", "0", 1)
}

// removeLeftovers removes the temporary files that a killed process left.
func removeLeftovers(target string) error {
	dir := filepath.Dir(target)
	prefix, suffix, _ := strings.Cut(leftoverPattern(target), "*")
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		random, ours := strings.CutPrefix(file.Name(), prefix)
		random, also := strings.CutSuffix(random, suffix)
		if !ours || !also || strings.Trim(random, "0123456789") != "" || !file.Type().IsRegular() {
			continue
		}
		if err := os.Remove(filepath.Join(dir, file.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Advise adds to an error about the file at path what the operator can do about
// it. Advise(nil, path) is nil.
func Advise(err error, path string) error {
	dir := filepath.Dir(path)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w: make room on the file system of %s", err, dir)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: the service may have to be allowed to write to %s (ReadWritePaths= in its unit)", err, dir)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: the user of the service needs to write to %s and to own what it replaces there", err, dir)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: make the directory %s, or write another path", err, dir)
	}
	return err
}
