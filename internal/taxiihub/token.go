package taxiihub

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/maphash"
)

// errForeignToken answers a token that this hub did not give for this query.
var errForeignToken = errors.New("next is not a token of this query: repeat every other parameter of the first page, or start again without next")

// tokens makes the values of next. A token holds the position of the last
// record of its page, so it needs no memory in the hub and may be sent twice. It
// also holds a mark of the query, so that it serves no other collection and no
// other filter, and no hub that was started later.
type tokens struct{ seed maphash.Seed }

func newTokens() tokens { return tokens{seed: maphash.MakeSeed()} }

const tokenSize = 16

func (t tokens) write(position uint64, query string) string {
	var b [tokenSize]byte
	binary.BigEndian.PutUint64(b[:8], position)
	binary.BigEndian.PutUint64(b[8:], t.mark(position, query))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (t tokens) read(token, query string) (position uint64, err error) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != tokenSize {
		return 0, errForeignToken
	}
	position = binary.BigEndian.Uint64(b)
	if t.write(position, query) != token {
		return 0, errForeignToken
	}
	return position, nil
}

func (t tokens) mark(position uint64, query string) uint64 {
	return maphash.Comparable(t.seed, struct {
		position uint64
		query    string
	}{position, query})
}
