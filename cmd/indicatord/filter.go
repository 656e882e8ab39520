package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"strings"
)

// maxLine bounds a line of standard input. It is more than the longest pattern
// that is read.
const maxLine = 4 << 20

// outputBuffer is how much output is held back for one write.
const outputBuffer = 64 << 10

// endOnSignal gives signals their usual effect back: a command that only reads
// and writes has nothing to put in order, and may hang on its input.
func endOnSignal() { signal.Reset() }

// eachLine calls do with each line of r, without its end. Whenever it has to
// wait for input it flushes w, so that a program at both ends gets its answers.
func eachLine(r io.Reader, w *bufio.Writer, do func(line string) error) error {
	in := bufio.NewReaderSize(r, maxLine)
	for number := 1; ; number++ {
		line, err := in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("line %d is longer than %d bytes", number, maxLine)
		case err != nil && err != io.EOF:
			return fmt.Errorf("read line %d: %w", number, err)
		case err == io.EOF && len(line) == 0:
			return nil
		}
		text := strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r")
		if err := do(text); err != nil {
			return err
		}
		if in.Buffered() == 0 {
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
}
