package syslog

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

func TestGBK(t *testing.T) {
	for _, tt := range []struct {
		name, text, want string
		lost             int
	}{
		{"ASCII", `a "b" \c`, `a "b" \c`, 0},
		{"Chinese", "工控系统，电网", "工控系统，电网", 0},
		{"what GBK does not have", "a🔌bёж", "a?bёж", 1},
		{"what had already been replaced", "a\uFFFDb", "a?b", 0},
		{"a character that ends in a backslash", "誠a", "?a", 1}, // U+8AA0 is D5 5C
		{"a character that ends in a bar", "簗", "?", 1},
		{"half a character", `5€"`, `5?"`, 1}, // U+20AC is 80
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newGBKEncoder()
			encoded := g.encode([]byte("head "+tt.text), len("head "))
			got, err := simplifiedchinese.GBK.NewDecoder().Bytes(encoded)
			if err != nil || string(got) != "head "+tt.want || g.lost != tt.lost {
				t.Errorf("%q, %v, %d lost; want %q, %d", got, err, g.lost, tt.want, tt.lost)
			}
		})
	}
}

// TestNoCharacterOfGBKHidesAMark: in what is written, every byte of ASCII that is
// neither a letter nor a digit is a character of its own, no byte beyond ASCII
// stands alone, and nothing has become longer.
func TestNoCharacterOfGBKHidesAMark(t *testing.T) {
	g := newGBKEncoder()
	for r := rune(0x80); r < 0x30000; r++ {
		text := []byte(string(r))
		encoded := g.encode(append([]byte(nil), text...), 0)
		if len(encoded) > len(text) {
			t.Fatalf("%U has %d bytes, and %d in UTF-8", r, len(encoded), len(text))
		}
		if len(encoded) == 1 && encoded[0] != '?' {
			t.Fatalf("%U is the single byte %x", r, encoded)
		}
		if len(encoded) == 2 && strings.ContainsRune("@[\\]^_`{|}~", rune(encoded[1])) {
			t.Fatalf("%U ends in %q", r, encoded[1])
		}
	}
}

func TestLostCharactersAreCountedInTheLog(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	got := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		var all bytes.Buffer
		_, _ = all.ReadFrom(conn)
		got <- all.String()
	}()
	s := Defaults()
	s.Address, s.Payload, s.Encoding = listener.Addr().String(), KV, GBK
	var log bytes.Buffer
	o, err := s.Open(plugin.Env{Site: "plant-07", Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	a := assertion()
	a.Object = &indicator.Object{ID: "x", Name: "电网🔌🔌"}
	if _, err := deliver(t.Context(), o, change(outputs.Add, indicator.IP, "192.0.2.7", a)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "characters=2") || !strings.Contains(log.String(), "encoding=gbk") {
		t.Errorf("log: %s", log.String())
	}
	if line := <-got; !strings.Contains(line, "name=\"\xb5\xe7\xcd\xf8??\"") {
		t.Errorf("sent: %q", line)
	}
}
