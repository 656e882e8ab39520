// Package atomicfile writes files that other programs read at any time: a reader
// sees the old content or the new, whole, and so does a machine that lost its
// power in between.
package atomicfile
