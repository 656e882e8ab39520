package syslog

import (
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// gbkEncoder turns payloads from UTF-8 into GBK. No character is longer in GBK
// than it is in UTF-8, so what has fitted still fits.
type gbkEncoder struct {
	encoder *encoding.Encoder
	// lost counts the characters in whose place "?" was written.
	lost int

	text []byte
}

func newGBKEncoder() *gbkEncoder {
	return &gbkEncoder{encoder: simplifiedchinese.GBK.NewEncoder()}
}

// encode turns what stands in dst from the offset on.
func (g *gbkEncoder) encode(dst []byte, from int) []byte {
	g.text = append(g.text[:0], dst[from:]...)
	dst = dst[:from]
	for rest := g.text; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r < utf8.RuneSelf {
			dst = append(dst, byte(r))
		} else {
			dst = g.appendRune(dst, r, rest[:size])
		}
		rest = rest[size:]
	}
	return dst
}

func (g *gbkEncoder) appendRune(dst []byte, r rune, text []byte) []byte {
	pair, ok := g.lookUp(text)
	if ok {
		return append(dst, pair...)
	}
	if r != utf8.RuneError {
		g.lost++
	}
	return append(dst, '?')
}

// lookUp returns the two bytes of a character. It finds none for one that ends in
// the byte of a punctuation mark: a receiver that looks for the end of a field
// before it decodes would find the mark. It finds none for the euro sign either,
// which is the single byte 80 on Windows alone: other receivers take it for the
// first half of a character, and with it the mark that follows.
func (g *gbkEncoder) lookUp(text []byte) ([]byte, bool) {
	var pair [2]byte
	n, _, err := g.encoder.Transform(pair[:], text, true)
	if err != nil || n != 2 || isPunctuation(pair[1]) {
		return nil, false
	}
	return pair[:n], true
}

// hides reports whether "?" is written for a character.
func (g *gbkEncoder) hides(r rune) bool {
	if r < utf8.RuneSelf {
		return false
	}
	_, ok := g.lookUp(utf8.AppendRune(nil, r))
	return !ok
}

// isPunctuation reports a mark among the bytes that the second half of a
// character in GBK may be.
func isPunctuation(b byte) bool {
	return b < utf8.RuneSelf && !('A' <= b && b <= 'Z') && !('a' <= b && b <= 'z')
}
