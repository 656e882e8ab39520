package syslog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// A RELP frame is "TXNR SP COMMAND SP DATALEN [SP DATA] LF". Where there is no
// data, the space before it is missing too.

// The bounds of a frame. The largest answer of a receiver is its offer, of some
// hundred bytes.
const (
	maxTransaction = 999_999_999
	maxCommand     = 32
	maxAnswer      = 64 << 10
)

// errNotRELP says that what a receiver sends is no RELP.
var errNotRELP = errors.New("the receiver does not speak RELP")

// relpFrame is one frame that was read.
type relpFrame struct {
	transaction int
	command     string
	data        []byte
}

// appendRELP writes one frame.
func appendRELP(dst []byte, transaction int, command string, data []byte) []byte {
	dst = strconv.AppendInt(dst, int64(transaction), 10)
	dst = append(dst, ' ')
	dst = append(dst, command...)
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, int64(len(data)), 10)
	if len(data) > 0 {
		dst = append(dst, ' ')
		dst = append(dst, data...)
	}
	return append(dst, '\n')
}

// readRELP reads one frame of a receiver. It returns io.EOF at an end between
// two frames only, and an error that is errNotRELP where the bytes are no frame.
func readRELP(r *bufio.Reader) (relpFrame, error) {
	var f relpFrame
	transaction, _, err := readWord(r, len("999999999"))
	if err != nil {
		return f, err
	}
	if f.transaction, err = number(transaction, maxTransaction); err != nil {
		return f, err
	}
	command, end, err := readWord(r, maxCommand)
	if err != nil {
		return f, cutShort(err)
	}
	if f.command = command; command == "" || end != ' ' {
		return f, fmt.Errorf("%w: a frame without a command", errNotRELP)
	}
	f.data, err = readRELPData(r)
	return f, err
}

// readRELPData reads a frame from its DATALEN on.
func readRELPData(r *bufio.Reader) ([]byte, error) {
	length, end, err := readWord(r, len(strconv.Itoa(maxAnswer)))
	if err != nil {
		return nil, cutShort(err)
	}
	n, err := number(length, maxAnswer)
	if err != nil || n == 0 && end == '\n' {
		return nil, err
	}
	if end != ' ' {
		return nil, fmt.Errorf("%w: a frame of %d bytes without them", errNotRELP, n)
	}
	data := make([]byte, n+1)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, cutShort(err)
	}
	if data[n] != '\n' {
		return nil, fmt.Errorf("%w: a frame that does not end where it says", errNotRELP)
	}
	return data[:n], nil
}

// readWord reads up to a space or a line feed, which it returns too.
func readWord(r *bufio.Reader, longest int) (word string, end byte, err error) {
	var text []byte
	for {
		c, err := r.ReadByte()
		switch {
		case err != nil && len(text) > 0:
			return "", 0, cutShort(err)
		case err != nil:
			return "", 0, err
		case c == ' ' || c == '\n':
			return string(text), c, nil
		case len(text) == longest:
			return "", 0, fmt.Errorf("%w: it sent %q…", errNotRELP, text)
		}
		text = append(text, c)
	}
}

// number reads a decimal number without a sign.
func number(text string, highest int) (int, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || int(n) > highest {
		return 0, fmt.Errorf("%w: it sent %q for a number up to %d", errNotRELP, text, highest)
	}
	return int(n), nil
}

func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
