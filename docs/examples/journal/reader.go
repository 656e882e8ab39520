package journal

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strconv"

	"github.com/indicatord/indicatord/connectors"
)

// reader reads a journal from where the cursor stands. The cursor is the number
// of bytes that have been read.
type reader struct {
	lines *bufio.Reader
	at    int64
	ended bool
}

func newReader(file *os.File, from connectors.State) (*reader, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	at, err := strconv.ParseInt(string(from.Cursor), 10, 64)
	if from.Full || err != nil || at < 0 || at > info.Size() {
		at = 0 // a cursor of another journal: to bring everything again does no harm
	}
	if _, err := file.Seek(at, io.SeekStart); err != nil {
		return nil, err
	}
	return &reader{lines: bufio.NewReader(file), at: at}, nil
}

// page returns the next objects, at most so many. What is wrong with one is no
// concern of the connector: the core rejects it, and the rest goes on.
func (r *reader) page(size int) (connectors.Page, error) {
	var page connectors.Page
	for len(page.Objects) < size && !r.ended {
		line, err := r.lines.ReadBytes('\n')
		switch {
		case errors.Is(err, io.EOF):
			r.ended = true // a line without its end is still being written
		case err != nil:
			return page, err
		default:
			page.Objects = append(page.Objects, line)
			r.at += int64(len(line))
		}
	}
	page.Cursor = strconv.AppendInt(nil, r.at, 10)
	return page, nil
}
