package syslog

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadRELP(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       relpFrame
		err        error
	}{
		{"an answer", "2 rsp 6 200 OK\n", relpFrame{2, "rsp", []byte("200 OK")}, nil},
		{"an answer of several lines", "1 rsp 19 200 OK\ncommands=sys\n", relpFrame{1, "rsp", []byte("200 OK\ncommands=sys")}, nil},
		{"no data and no space", "3 rsp 0\n", relpFrame{3, "rsp", nil}, nil},
		{"no data after a space", "3 rsp 0 \n", relpFrame{3, "rsp", []byte{}}, nil},
		{"the highest number", "999999999 rsp 1 a\n", relpFrame{999_999_999, "rsp", []byte("a")}, nil},
		{"a hint of the end", "0 serverclose 0\n", relpFrame{0, "serverclose", nil}, nil},
		{"nothing", "", relpFrame{}, io.EOF},
		{"a number alone", "12", relpFrame{}, io.ErrUnexpectedEOF},
		{"a command that is cut", "12 rs", relpFrame{}, io.ErrUnexpectedEOF},
		{"a length that is cut", "12 rsp 3", relpFrame{}, io.ErrUnexpectedEOF},
		{"data that is cut", "12 rsp 3 ab", relpFrame{}, io.ErrUnexpectedEOF},
		{"an end that is cut", "12 rsp 3 abc", relpFrame{}, io.ErrUnexpectedEOF},
		{"a number with ten digits", "1000000000 rsp 0\n", relpFrame{}, errNotRELP},
		{"a number with a sign", "+1 rsp 0\n", relpFrame{}, errNotRELP},
		{"no command", "1  0\n", relpFrame{}, errNotRELP},
		{"a command that ends the line", "1 rsp\n", relpFrame{}, errNotRELP},
		{"a long command", "1 " + strings.Repeat("a", 33) + " 0\n", relpFrame{}, errNotRELP},
		{"a length that is no number", "1 rsp x\n", relpFrame{}, errNotRELP},
		{"more than an answer holds", "1 rsp 65537 a\n", relpFrame{}, errNotRELP},
		{"a length without data", "1 rsp 4\n", relpFrame{}, errNotRELP},
		{"data longer than its length", "1 rsp 2 abc\n", relpFrame{}, errNotRELP},
		{"another protocol", "SSH-2.0-OpenSSH_9.2\r\n", relpFrame{}, errNotRELP},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readRELP(bufio.NewReader(strings.NewReader(tt.text)))
			if !errors.Is(err, tt.err) {
				t.Fatalf("err = %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(relpFrame{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	for _, tt := range []struct {
		data string
		code int
		text string
	}{
		{"200 OK", 200, "OK"},
		{"200", 200, ""},
		{"500 disk full\nand more", 500, "disk full"},
		{"", 0, ""},
		{"20 OK", 0, "20 OK"},
		{"two hundred", 0, "two hundred"},
		{"500 \x1b[31m", 500, "\ufffd[31m"},
	} {
		if code, text := status([]byte(tt.data)); code != tt.code || text != tt.text {
			t.Errorf("status(%q) = %d, %q, want %d, %q", tt.data, code, text, tt.code, tt.text)
		}
	}
}

// FuzzReadRELP reads whatever a receiver may send. What is read can be written
// again, and says the same.
func FuzzReadRELP(f *testing.F) {
	for _, text := range []string{"2 rsp 6 200 OK\n", "0 serverclose 0\n", "3 rsp 0 \n", "1 rsp 2 abc\n", "999999999 rsp 1 a\n1 x 0\n", "1 rsp 65536 "} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		in := bufio.NewReader(bytes.NewReader(text))
		for {
			frame, err := readRELP(in)
			if err != nil {
				if !errors.Is(err, errNotRELP) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Fatalf("an error of no sort: %v", err)
				}
				return
			}
			status(frame.data)
			again, err := readRELP(bufio.NewReader(bytes.NewReader(appendRELP(nil, frame.transaction, frame.command, frame.data))))
			if err != nil || again.transaction != frame.transaction || again.command != frame.command || !bytes.Equal(again.data, frame.data) {
				t.Fatalf("%+v was written and read as %+v, %v", frame, again, err)
			}
		}
	})
}
