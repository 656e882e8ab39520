package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// packSize is how many bytes of objects make a pack: enough for a good ratio,
// few enough that reading one object back is cheap.
const packSize = 64 << 10

// maxUnpacked bounds what a damaged pack may unfold to: one object may be
// larger than packSize, but not larger than a connector accepts.
const maxUnpacked = 256 << 20

// Place is where a [Packer] has put an object.
type Place struct {
	pack        int // index among the packer's packs
	start, size int
}

// Packer compresses objects as received, many to a pack. It is for one batch
// and one goroutine; compressing needs no transaction.
type Packer struct {
	encoder *zstd.Encoder
	packs   []pack
	open    []byte
}

// pack is a compressed pack and how long it is unpacked.
type pack struct {
	unpacked int
	data     []byte
}

// sharedEncoder is made once: an encoder holds megabytes of tables, and may
// compress for any number of goroutines.
var sharedEncoder = sync.OnceValue(func() *zstd.Encoder {
	// The options are constant and valid, so there is no error to return.
	encoder, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(2*packSize), zstd.WithLowerEncoderMem(true))
	return encoder
})

// NewPacker returns an empty packer.
func NewPacker() *Packer { return &Packer{encoder: sharedEncoder()} }

// Add copies an object in and says where it is.
func (p *Packer) Add(raw []byte) Place {
	if len(p.open) > 0 && len(p.open)+len(raw) > packSize {
		p.seal()
	}
	at := Place{pack: len(p.packs), start: len(p.open), size: len(raw)}
	p.open = append(p.open, raw...)
	return at
}

func (p *Packer) seal() {
	p.packs = append(p.packs, pack{len(p.open), p.encoder.EncodeAll(p.open, nil)})
	p.open = p.open[:0]
}

// finish returns the packs. It may be called again: a batch that could not be
// stored may be tried once more.
func (p *Packer) finish() []pack {
	if len(p.open) > 0 {
		p.seal()
	}
	return p.packs
}

// insertPacks writes what a packer holds under the next numbers.
func (s *Store) insertPacks(ctx context.Context, tx *sql.Tx, p *Packer) error {
	for _, pack := range p.finish() {
		_, err := tx.ExecContext(ctx, "INSERT INTO packs(id, unpacked, data) VALUES (?, ?, ?)", s.numbers.nextPack(), pack.unpacked, pack.data)
		if err != nil {
			return fmt.Errorf("writing a pack of objects: %w", err)
		}
	}
	return nil
}

// unpacker reads objects back, and keeps the last pack for the next object: in
// the order of their ids objects lie side by side.
type unpacker struct {
	q       querier
	decoder *zstd.Decoder
	pack    int64
	data    []byte
}

func newUnpacker(q querier) *unpacker {
	decoder, _ := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxUnpacked))
	return &unpacker{q: q, decoder: decoder}
}

func (u *unpacker) close() { u.decoder.Close() }

// object returns an object as received. The bytes are good until the next call.
func (u *unpacker) object(ctx context.Context, pack int64, start, size int) ([]byte, error) {
	if size == 0 {
		return nil, nil // nothing needs no pack, and may have none
	}
	if u.pack != pack || u.data == nil {
		if err := u.unpack(ctx, pack); err != nil {
			return nil, err
		}
	}
	if start < 0 || size < 0 || start > len(u.data) || size > len(u.data)-start {
		return nil, fmt.Errorf("pack %d holds %d bytes, not %d at %d: the state is damaged", pack, len(u.data), size, start)
	}
	return u.data[start : start+size : start+size], nil
}

func (u *unpacker) unpack(ctx context.Context, pack int64) error {
	var packed []byte
	if err := u.q.QueryRowContext(ctx, "SELECT data FROM packs WHERE id = ?", pack).Scan(&packed); err != nil {
		return fmt.Errorf("reading pack %d of the state: %w", pack, err)
	}
	data, err := u.decoder.DecodeAll(packed, u.data[:0])
	if err != nil {
		u.data = nil
		return fmt.Errorf("unpacking pack %d of the state: %w", pack, err)
	}
	u.pack, u.data = pack, data
	return nil
}
