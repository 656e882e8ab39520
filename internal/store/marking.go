package store

import (
	"context"
	"fmt"

	"github.com/indicatord/indicatord/internal/indicator"
)

// Markings returns the levels of the marking definitions that the source has
// sent, by id: [indicator.TLPUnmarked] for one that sets none.
func (s *Store) Markings(ctx context.Context, source string) (map[string]indicator.TLP, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT m.stix_id, m.tlp FROM markings m JOIN sources s ON s.id = m.source WHERE s.name = ?", source)
	if err != nil {
		return nil, fmt.Errorf("reading the markings of %s: %w", source, err)
	}
	defer rows.Close()
	levels := make(map[string]indicator.TLP)
	for rows.Next() {
		var id string
		var level indicator.TLP
		if err := rows.Scan(&id, &level); err != nil {
			return nil, fmt.Errorf("reading the markings of %s: %w", source, err)
		}
		levels[id] = level
	}
	return levels, rows.Err()
}

// resolve notes which objects have markings that nobody has defined, and makes
// those stale whose markings the batch defines. A marking definition has no
// versions: the first counts, even where the source has taken it back since.
func (a *applier) resolve(ctx context.Context) error {
	if err := a.writeUnresolved(ctx); err != nil {
		return err
	}
	for i := range a.changes {
		c := &a.changes[i]
		if c.object == nil || c.object.Marking == nil {
			continue
		}
		if err := a.define(ctx, c.object.ID, *c.object.Marking); err != nil {
			return fmt.Errorf("storing marking definition %s: %w", c.object.ID, err)
		}
	}
	return nil
}

func (a *applier) writeUnresolved(ctx context.Context) error {
	rows := newInserter(a.tx, orIgnore, "unresolved(source, marking, object)")
	for i := range a.changes {
		c := &a.changes[i]
		if c.state != indicator.Live {
			continue
		}
		for _, marking := range c.object.Unresolved {
			rows.add(ctx, a.source, marking, c.row)
		}
	}
	return rows.flush(ctx)
}

func (a *applier) define(ctx context.Context, id string, level indicator.TLP) error {
	known, err := readIDs(ctx, a.tx, "SELECT 1 FROM markings WHERE source = ? AND stix_id = ?", a.source, id)
	if err != nil || len(known) > 0 {
		return err
	}
	if err := a.execute(ctx, "INSERT INTO markings(source, stix_id, tlp) VALUES (?, ?, ?)", a.source, id, int64(level)); err != nil {
		return err
	}
	waiting, err := readIDs(ctx, a.tx, "SELECT object FROM unresolved WHERE source = ? AND marking = ?", a.source, id)
	if err != nil || len(waiting) == 0 {
		return err
	}
	if err := a.execute(ctx, "DELETE FROM unresolved WHERE source = ? AND marking = ?", a.source, id); err != nil {
		return err
	}
	return a.deriveLater(ctx, waiting)
}
