package httpx

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// capped makes an answer end with an error at limit bytes, counted after
// decompression, so that a compression bomb fills nothing.
func capped(resp *http.Response, limit int64) (*http.Response, error) {
	if resp.ContentLength > limit {
		_ = resp.Body.Close()
		return nil, tooLarge(limit)
	}
	resp.Body = &cappedBody{ReadCloser: resp.Body, left: limit, limit: limit}
	return resp, nil
}

var errTooLarge = errors.New("the answer is larger than max_response allows")

func tooLarge(limit int64) error { return fmt.Errorf("%w (%d bytes)", errTooLarge, limit) }

type cappedBody struct {
	io.ReadCloser
	left, limit int64
}

// Read reads one byte more than is left, to tell an answer of just the limit
// from one beyond it.
func (b *cappedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, tooLarge(b.limit)
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n - 1, tooLarge(b.limit)
	}
	return n, err
}
