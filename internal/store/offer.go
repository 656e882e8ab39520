package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Offer notes which entries are about to be offered to an output's tool, in place
// of what was noted before. The next [Store.Record] of the output is the answer,
// and ends the offer.
func (s *Store) Offer(ctx context.Context, output string, entries []int64) error {
	return s.inTransaction(ctx, "noting what "+output+" is offered", func(tx *sql.Tx) error {
		id, err := ensureID(ctx, tx, "outputs", "name", output)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO offers(output, entries) VALUES (?1, ?2) ON CONFLICT(output) DO UPDATE SET entries = ?2", id, packIDs(entries))
		return err
	})
}

// DoubtOffer ends an offer that was never answered, because the process died or
// the answer could not be stored: its entries are in doubt from now on, see
// [MaybeAdded] and [MaybeChanged], and what the tool refused of them before does
// not count any more. It returns how many they are, 0 where every offer of the
// output was answered.
func (s *Store) DoubtOffer(ctx context.Context, output string, now time.Time) (int, error) {
	id, entries, err := s.unanswered(ctx, output)
	if err != nil || id == 0 {
		return 0, err
	}
	err = s.inTransaction(ctx, "doubting what "+output+" was offered", func(tx *sql.Tx) error {
		doubt, err := tx.PrepareContext(ctx, `INSERT INTO ledger(output, entry, digest, since) VALUES (?, ?, ?, ?)
			ON CONFLICT(output, entry) DO UPDATE SET digest = ? WHERE ledger.digest <> excluded.digest`)
		if err != nil {
			return err
		}
		defer func() { _ = doubt.Close() }()
		for _, entry := range entries {
			if _, err := doubt.ExecContext(ctx, id, entry, storedDigest(MaybeAdded), Micros(now), storedDigest(MaybeChanged)); err != nil {
				return err
			}
			if err := forget(ctx, tx, "refusals", id, entry); err != nil {
				return err
			}
		}
		return endOffer(ctx, tx, id)
	})
	return len(entries), err
}

// unanswered returns the output's row and the entries of its offer, 0 where it
// has none.
func (s *Store) unanswered(ctx context.Context, output string) (int64, []int64, error) {
	var id int64
	var packed []byte
	err := s.read.QueryRowContext(ctx, "SELECT f.output, f.entries FROM offers f JOIN outputs o ON o.id = f.output WHERE o.name = ?", output).Scan(&id, &packed)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil
	}
	if err == nil {
		var entries []int64
		if entries, err = unpackIDs(packed); err == nil {
			return id, entries, nil
		}
	}
	return 0, nil, fmt.Errorf("reading what %s was offered: %w", output, err)
}

func endOffer(ctx context.Context, tx *sql.Tx, output int64) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM offers WHERE output = ?", output)
	return err
}

func packIDs(ids []int64) []byte {
	packed := make([]byte, 0, 2*len(ids))
	before := int64(0)
	for _, id := range slices.Sorted(slices.Values(ids)) {
		packed = binary.AppendUvarint(packed, uint64(id-before))
		before = id
	}
	return packed
}

var errPackedIDs = errors.New("the list of entries is cut off")

func unpackIDs(packed []byte) ([]int64, error) {
	var ids []int64
	before := int64(0)
	for len(packed) > 0 {
		distance, n := binary.Uvarint(packed)
		if n <= 0 {
			return nil, errPackedIDs
		}
		packed = packed[n:]
		before += int64(distance)
		ids = append(ids, before)
	}
	return ids, nil
}
