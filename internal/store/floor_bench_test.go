package store

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"testing"
)

// BenchmarkRawInserts is the floor of [BenchmarkApply]: the same rows into the
// same tables in the same order, with nothing looked up, compared or numbered.
func BenchmarkRawInserts(b *testing.B) {
	s := openTest(b)
	rng := rand.New(rand.NewPCG(1, 2))
	n := 0
	for b.Loop() {
		b.StopTimer()
		batch := randomBatch(rng, 10_000)
		b.StartTimer()
		err := s.inTransaction(b.Context(), "inserting", func(tx *sql.Tx) error { return insertRaw(b.Context(), tx, &batch, int64(n)) })
		if err != nil {
			b.Fatal(err)
		}
		n += 10_000
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "objects/s")
}

func insertRaw(ctx context.Context, tx *sql.Tx, batch *Batch, first int64) error {
	objects := newInserter(tx, orFail, "objects(id, source, stix_id, type, version, state, changed, derivation, checksum, pack, start, size)")
	texts := newInserter(tx, orFail, "texts(object, text)")
	entries := newInserter(tx, orFail, "entries(id, kind, value, seen)")
	assertions := newInserter(tx, orFail, "assertions(entry, object, source, revision, version, valid_from, valid_until, facets)")
	due := newInserter(tx, orIgnore, "due(day, entry, at)")
	now := Micros(batch.Now)
	for i := range batch.Objects {
		o, id := &batch.Objects[i], first+int64(i)+1
		a := &o.Assertions[0]
		until := Micros(a.ValidUntil)
		objects.add(ctx, id, 1, o.ID, o.Type, Micros(o.Version), 0, now, 1, int64(o.Checksum), 1, o.Place.start, o.Place.size)
		texts.add(ctx, id, string(o.Text))
		entries.add(ctx, id, int64(a.Key.Kind), a.Key.Value, now)
		assertions.add(ctx, id, id, 1, id, Micros(a.Version), Micros(a.ValidFrom), until, packFacets(&a.Assertion))
		due.add(ctx, until/microsPerDay, id, until)
	}
	for _, rows := range []*inserter{objects, texts, entries, assertions, due} {
		if err := rows.flush(ctx); err != nil {
			return err
		}
	}
	for i, pack := range batch.Packer.finish() {
		if _, err := tx.ExecContext(ctx, "INSERT INTO packs(id, unpacked, data) VALUES (?, ?, ?)", first+int64(i)+1, pack.unpacked, pack.data); err != nil {
			return err
		}
	}
	return nil
}
