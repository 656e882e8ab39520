package main

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func linesOf(r io.Reader) ([]string, error) {
	var lines []string
	err := eachLine(r, bufio.NewWriter(io.Discard), func(line string) error {
		lines = append(lines, line)
		return nil
	})
	return lines, err
}

func TestEachLine(t *testing.T) {
	for text, want := range map[string][]string{
		"":                 nil,
		"a\nb\n":           {"a", "b"},
		"a\n\nb":           {"a", "", "b"},
		"a\r\nb\r":         {"a", "b"},
		"\n":               {""},
		" kept \t\nspace ": {" kept \t", "space "},
	} {
		for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text))} {
			got, err := linesOf(r)
			if err != nil {
				t.Errorf("%q: %v", text, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", text, diff)
			}
		}
	}
}

func TestEachLineEndsWithTheFirstError(t *testing.T) {
	broken := errors.New("broken")
	if _, err := linesOf(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("input that breaks gives %v", err)
	}
	if _, err := linesOf(strings.NewReader("short\n" + strings.Repeat("x", maxLine+1))); err == nil || !strings.Contains(err.Error(), "line 2 is longer than") {
		t.Errorf("a line that is too long gives %v", err)
	}
	calls := 0
	err := eachLine(strings.NewReader("a\nb\n"), bufio.NewWriter(io.Discard), func(string) error { calls++; return broken })
	if !errors.Is(err, broken) || calls != 1 {
		t.Errorf("after an error the lines go on: %d calls, %v", calls, err)
	}
}

// A program that writes a line and waits for the answer must get it.
func TestEachLineAnswersBeforeItWaits(t *testing.T) {
	questions, ask := io.Pipe()
	answer, answers := io.Pipe()
	out := bufio.NewWriter(answers)
	done := make(chan error, 1)
	go func() {
		done <- eachLine(questions, out, func(line string) error {
			_, err := out.WriteString("answer to " + line + "\n")
			return err
		})
	}()
	in := bufio.NewReader(answer)
	for _, question := range []string{"one", "two"} {
		if _, err := io.WriteString(ask, question+"\n"); err != nil {
			t.Fatal(err)
		}
		if line, err := in.ReadString('\n'); err != nil || line != "answer to "+question+"\n" {
			t.Fatalf("the answer is %q, %v", line, err)
		}
	}
	_ = ask.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
