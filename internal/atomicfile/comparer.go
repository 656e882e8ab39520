package atomicfile

import (
	"bytes"
	"io"
	"os"
)

// comparer writes, and compares what it writes with the old file on the way.
type comparer struct {
	to     io.Writer
	old    *os.File
	same   bool
	buffer []byte
}

// Write writes, whatever comes of the comparison.
func (c *comparer) Write(p []byte) (int, error) {
	if c.same {
		c.same = c.matches(p)
	}
	return c.to.Write(p)
}

// matches reports whether the old file goes on with p. A file that cannot be
// read counts as another one.
func (c *comparer) matches(p []byte) bool {
	if len(c.buffer) < len(p) {
		c.buffer = make([]byte, len(p))
	}
	old := c.buffer[:len(p)]
	_, err := io.ReadFull(c.old, old)
	return err == nil && bytes.Equal(old, p)
}

// atEnd reports whether the old file held what was written and nothing more.
func (c *comparer) atEnd() bool {
	if !c.same {
		return false
	}
	n, err := c.old.Read(make([]byte, 1))
	return n == 0 && err == io.EOF
}
