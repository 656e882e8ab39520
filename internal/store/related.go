package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/indicatord/indicatord/internal/indicator"
)

// Relation says that one object of a source indicates another. Either may be
// missing: it may come later, or never.
type Relation struct {
	Subject, Target string // ids
	TLP             indicator.TLP
}

// relate brings what objects tell of each other up to date with the batch. An
// indicator of the batch gets its threats at once. One that was stored before is
// made stale, to be derived again: one name may be that of half a million.
func (a *applier) relate(ctx context.Context) error {
	affected, err := a.writeRelated(ctx)
	if err != nil {
		return err
	}
	var some bool
	if err := a.tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM relations) OR EXISTS (SELECT 1 FROM indicated)").Scan(&some); err != nil {
		return fmt.Errorf("looking for relationships: %w", err)
	}
	if !some && len(affected) == 0 {
		return nil
	}
	present, err := a.indicateInBatch(ctx)
	if err != nil {
		return err
	}
	return a.makeStale(ctx, affected, present)
}

// storedRelation is a row of relations, without the relationship's own.
type storedRelation struct{ subject, target, tlp int64 }

// storedThreat is a row of threats, without the object's own.
type storedThreat struct {
	key        int64
	kind, name string
	tlp        int64
}

// writeRelated writes the relationships and threats of the batch, and returns
// the keys of the objects that may now indicate something else.
func (a *applier) writeRelated(ctx context.Context) ([]int64, error) {
	var rows []int64
	for i := range a.changes {
		if c := &a.changes[i]; !c.isNew {
			rows = append(rows, c.row)
		}
	}
	slices.Sort(rows)
	affected, err := a.writeRelations(ctx, rows)
	if err != nil {
		return nil, err
	}
	renamed, err := a.writeThreats(ctx, rows)
	if err != nil {
		return nil, err
	}
	subjects, err := a.column(ctx, "SELECT subject FROM relations WHERE target IN", renamed)
	return append(affected, subjects...), err
}

// writeRelations returns the subjects of the relationships that have changed;
// rows are those that the batch may change.
func (a *applier) writeRelations(ctx context.Context, rows []int64) (affected []int64, err error) {
	before := make(map[int64]storedRelation)
	err = a.scanEach(ctx, "SELECT object, subject, target, tlp FROM relations WHERE object IN", rows, func(scan func(...any) error) error {
		var row int64
		var r storedRelation
		err := scan(&row, &r.subject, &r.target, &r.tlp)
		before[row] = r
		return err
	})
	if err != nil {
		return nil, err
	}
	changed := newInserter(a.tx, orReplace, "relations(object, subject, target, tlp)")
	for i := range a.changes {
		c := &a.changes[i]
		if c.state != indicator.Live || c.object.Relation == nil {
			continue
		}
		r := c.object.Relation
		now := storedRelation{a.key(r.Subject), a.key(r.Target), int64(r.TLP)}
		if was, ok := before[c.row]; !ok || was != now {
			affected = append(affected, now.subject)
			changed.add(ctx, c.row, now.subject, now.target, now.tlp)
		}
		if before[c.row].subject == now.subject {
			delete(before, c.row)
		}
	}
	for row, was := range before {
		affected = append(affected, was.subject)
		if err := a.execute(ctx, "DELETE FROM relations WHERE object = ? AND subject = ?", row, was.subject); err != nil {
			return nil, err
		}
	}
	return affected, changed.flush(ctx)
}

// writeThreats returns the keys of the threats that have changed.
func (a *applier) writeThreats(ctx context.Context, rows []int64) (renamed []int64, err error) {
	before := make(map[int64]storedThreat)
	err = a.scanEach(ctx, "SELECT object, key, type, name, tlp FROM threats WHERE object IN", rows, func(scan func(...any) error) error {
		var row int64
		var t storedThreat
		err := scan(&row, &t.key, &t.kind, &t.name, &t.tlp)
		before[row] = t
		return err
	})
	if err != nil {
		return nil, err
	}
	changed := newInserter(a.tx, orReplace, "threats(object, key, type, name, tlp)")
	for i := range a.changes {
		c := &a.changes[i]
		if c.state != indicator.Live || c.object.Threat == nil {
			continue
		}
		t := c.object.Threat
		now := storedThreat{a.key(c.object.ID), t.Type, t.Name, int64(t.TLP)}
		if before[c.row] != now {
			renamed = append(renamed, now.key)
			changed.add(ctx, c.row, now.key, now.kind, now.name, now.tlp)
		}
		delete(before, c.row)
	}
	for row, was := range before {
		renamed = append(renamed, was.key)
		if err := a.execute(ctx, "DELETE FROM threats WHERE object = ?", row); err != nil {
			return nil, err
		}
	}
	return renamed, changed.flush(ctx)
}

// key is the key of an object of the batch's source.
func (a *applier) key(id string) int64 { return int64(a.store.hashKey(uint64(a.source), id)) }

// column gathers a column of numbers.
func (a *applier) column(ctx context.Context, query string, values []int64) ([]int64, error) {
	var found []int64
	err := a.scanEach(ctx, query, values, func(scan func(...any) error) error {
		var number int64
		err := scan(&number)
		found = append(found, number)
		return err
	})
	return found, err
}

// scanEach runs a query that ends in IN for some values at a time, and calls row
// for each row that it finds.
func (a *applier) scanEach(ctx context.Context, query string, values []int64, row func(scan func(...any) error) error) error {
	err := inChunks(values, func(marks string, args []any) error {
		rows, err := a.tx.QueryContext(ctx, query+" ("+marks+")", args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := row(rows.Scan); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("following relationships: %w", err)
	}
	return nil
}

// indicateInBatch finds what the indicators of the batch indicate, and returns
// their rows.
func (a *applier) indicateInBatch(ctx context.Context) (present map[int64]bool, err error) {
	present = make(map[int64]bool)
	byKey := make(map[int64]*objectChange)
	var keys, rows []int64
	for i := range a.changes {
		c := &a.changes[i]
		if c.state != indicator.Live || len(c.object.Assertions) == 0 {
			continue
		}
		key := a.key(c.object.ID)
		byKey[key], present[c.row] = c, true
		keys, rows = append(keys, key), append(rows, c.row)
	}
	slices.Sort(keys)
	found, err := a.readThreats(ctx, keys)
	if err != nil {
		return nil, err
	}
	before, err := a.readIndicated(ctx, rows)
	if err != nil {
		return nil, err
	}
	return present, a.writeIndicated(ctx, byKey, found, before)
}

// writeIndicated writes what has changed of what objects indicate.
func (a *applier) writeIndicated(ctx context.Context, byKey map[int64]*objectChange, found map[int64][]indicator.Threat, before map[int64]string) error {
	rows := newInserter(a.tx, orReplace, "indicated(object, threats)")
	for key, c := range byKey {
		text := ""
		if threats := found[key]; len(threats) > 0 {
			encoded, err := json.Marshal(eachThreat(threats))
			if err != nil {
				return err
			}
			text = string(encoded)
		}
		if text == before[c.row] {
			continue
		}
		c.reworded = true
		if text != "" {
			rows.add(ctx, c.row, text)
		} else if err := a.execute(ctx, "DELETE FROM indicated WHERE object = ?", c.row); err != nil {
			return err
		}
	}
	return rows.flush(ctx)
}

// eachThreat sorts the threats and keeps each once. What two relationships tell
// is as open as the more open of them.
func eachThreat(threats []indicator.Threat) []indicator.Threat {
	slices.SortFunc(threats, func(x, y indicator.Threat) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Type, y.Type), cmp.Compare(x.TLP, y.TLP))
	})
	return slices.CompactFunc(threats, func(x, y indicator.Threat) bool { return x.Name == y.Name && x.Type == y.Type })
}

func (a *applier) readThreats(ctx context.Context, subjects []int64) (map[int64][]indicator.Threat, error) {
	const query = `SELECT r.subject, t.type, t.name, r.tlp, t.tlp
		FROM relations r JOIN threats t ON t.key = r.target WHERE r.subject IN`
	found := make(map[int64][]indicator.Threat)
	err := a.scanEach(ctx, query, subjects, func(scan func(...any) error) error {
		var subject int64
		var relation, threat indicator.TLP
		var t indicator.Threat
		err := scan(&subject, &t.Type, &t.Name, &relation, &threat)
		t.TLP = max(relation, threat)
		found[subject] = append(found[subject], t)
		return err
	})
	return found, err
}

func (a *applier) readIndicated(ctx context.Context, objects []int64) (map[int64]string, error) {
	found := make(map[int64]string)
	err := a.scanEach(ctx, "SELECT object, threats FROM indicated WHERE object IN", objects, func(scan func(...any) error) error {
		var object int64
		var text string
		err := scan(&object, &text)
		found[object] = text
		return err
	})
	return found, err
}

// makeStale marks stored objects with these keys to be derived again, but for
// those that the batch has brought up to date.
func (a *applier) makeStale(ctx context.Context, keys []int64, present map[int64]bool) error {
	slices.Sort(keys)
	var rows []int64
	for _, key := range slices.Compact(keys) {
		rows = a.store.objects.find(rows, uint64(key))
	}
	rows = slices.DeleteFunc(rows, func(row int64) bool { return present[row] })
	slices.Sort(rows)
	return a.deriveLater(ctx, slices.Compact(rows))
}

// deriveLater makes live objects stale. There is no derivation 0.
func (a *applier) deriveLater(ctx context.Context, rows []int64) error {
	return inChunks(rows, func(marks string, args []any) error {
		result, err := a.tx.ExecContext(ctx, "UPDATE objects SET derivation = 0 WHERE state = 0 AND derivation <> 0 AND id IN ("+marks+")", args...)
		if err != nil {
			return fmt.Errorf("marking objects to be derived again: %w", err)
		}
		n, err := result.RowsAffected()
		a.counts.Stale += int(n)
		return err
	})
}
