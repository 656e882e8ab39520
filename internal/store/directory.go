package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math/bits"
	"sync"
)

// directory finds the row of a key by a hash of the key, in memory: 8 bytes a
// slot, at most two thirds full. A table on disk would cost a first pull a
// random page for every key; the hashes are logged in the order of the ids
// instead, one row a batch, and read back at the first use
// (docs/decisions/0003-store.md).
//
// A hit is a candidate only: the caller compares the key itself in the row. A
// directory is safe for concurrent use.
type directory struct {
	log    string // the table with the hashes
	shared bool   // others write to the log too

	mu     sync.RWMutex
	loaded bool
	last   uint64   // the first id of the newest row of the log that was read
	slots  []uint64 // tag<<idBits | id; 0 is free, for no row has id 0
	used   int
}

// A slot holds the top bits of the hash, from whose own top bits its place
// follows, and the id of the row.
const (
	idBits   = 36
	idMask   = 1<<idBits - 1
	tagBits  = 64 - idBits
	minSlots = 1 << 10
	maxSlots = 1 << tagBits
)

// located is the hash of a key with the id of its row.
type located struct {
	hash uint64
	id   int64
}

// hashKey hashes a key with the store's own seed, so that nobody outside can
// make keys that fall together.
func (s *Store) hashKey(number uint64, text string) uint64 {
	buf := make([]byte, 0, 160)
	buf = append(buf, s.seed[:]...)
	buf = binary.LittleEndian.AppendUint64(buf, number)
	buf = append(buf, text...)
	sum := sha256.Sum256(buf)
	return binary.LittleEndian.Uint64(sum[:8])
}

// find appends to ids the rows that may hold the key.
func (d *directory) find(ids []int64, hash uint64) []int64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if len(d.slots) == 0 {
		return ids
	}
	tag, mask := hash>>idBits, len(d.slots)-1
	for i := place(tag, len(d.slots)); d.slots[i] != 0; i = (i + 1) & mask {
		if d.slots[i]>>idBits == tag {
			ids = append(ids, int64(d.slots[i]&idMask))
		}
	}
	return ids
}

// add puts in rows that are durable already.
func (d *directory) add(rows []located) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.loaded || d.shared {
		return // load will find them in the log
	}
	d.reserve(d.used + len(rows))
	for _, r := range rows {
		d.insert(r.hash>>idBits, uint64(r.id))
	}
}

func (d *directory) insert(tag, id uint64) {
	mask := len(d.slots) - 1
	i := place(tag, len(d.slots))
	for d.slots[i] != 0 {
		i = (i + 1) & mask
	}
	d.slots[i] = tag<<idBits | id&idMask
	d.used++
}

func (d *directory) reserve(n int) {
	size := max(minSlots, len(d.slots))
	for n*3 > size*2 && size < maxSlots {
		size *= 2
	}
	if size == len(d.slots) {
		return
	}
	old := d.slots
	d.slots, d.used = make([]uint64, size), 0
	for _, slot := range old {
		if slot != 0 {
			d.insert(slot>>idBits, slot&idMask)
		}
	}
}

func place(tag uint64, size int) int {
	return int(tag >> (tagBits - bits.TrailingZeros(uint(size))))
}

// load reads the log: once, or where others write to it what has come since.
// Whatever is written there follows what was there, for writers take turns.
func (d *directory) load(ctx context.Context, q querier) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.loaded && !d.shared {
		return nil
	}
	if !d.loaded { // an earlier load may have failed half way
		d.slots, d.used, d.last = nil, 0, 0
	}
	rows, err := q.QueryContext(ctx, "SELECT first, hashes FROM "+d.log+" WHERE first > ? ORDER BY first", int64(d.last))
	if err != nil {
		return fmt.Errorf("reading %s: %w", d.log, err)
	}
	defer rows.Close()
	for rows.Next() {
		var first uint64
		var hashes sql.RawBytes
		if err := rows.Scan(&first, &hashes); err != nil {
			return fmt.Errorf("reading %s: %w", d.log, err)
		}
		d.insertLogged(first, hashes)
		d.last = first
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", d.log, err)
	}
	d.loaded = true
	return nil
}

// forget makes the next load read the whole log.
func (d *directory) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.loaded = false
}

func (d *directory) insertLogged(first uint64, hashes []byte) {
	d.reserve(d.used + len(hashes)/8)
	for ; len(hashes) >= 8; hashes = hashes[8:] {
		d.insert(binary.LittleEndian.Uint64(hashes)>>idBits, first)
		first++
	}
}
