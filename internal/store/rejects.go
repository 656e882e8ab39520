package store

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/indicatord/indicatord/internal/indicator"
)

// A reject is shown to people, not used: long texts are cut, and of parts that
// belong to no object only the newest are kept.
const (
	maxDetail     = 500
	maxUnreadable = 1000
)

// The codes of what only the store can find. [Codes] says in a sentence what
// each one means.
const (
	CodeOtherCreator indicator.Code = "other-creator"
	CodeNotReadable  indicator.Code = "not-readable"
)

// Codes returns every code of this package, in the order of the documentation.
func Codes() []indicator.CodeInfo {
	return []indicator.CodeInfo{
		{Code: CodeOtherCreator, Meaning: "A version by somebody else than the object's maker (created_by_ref); the stored version stays."},
		{Code: CodeNotReadable, Meaning: "An object that is stored cannot be read again by the present rules."},
	}
}

// StoredReject is a reject as the store has it.
type StoredReject struct {
	Source string `json:"source"`
	Reject
	At time.Time `json:"at"`
}

func (a *applier) writeRejects(ctx context.Context) error {
	rows := newInserter(a.tx, orFail, "rejects(source, object, stix_id, code, detail, value, at)")
	for i := range a.changes {
		c := &a.changes[i]
		if !c.isNew {
			if err := a.execute(ctx, "DELETE FROM rejects WHERE object = ?", c.row); err != nil {
				return err
			}
		}
		if c.state == indicator.Live {
			a.addRejects(ctx, rows, c.row, c.object.Rejects)
		}
	}
	for _, f := range a.foreign {
		if err := a.execute(ctx, "DELETE FROM rejects WHERE object = ? AND code = ?", f.row, string(CodeOtherCreator)); err != nil {
			return err
		}
		a.addRejects(ctx, rows, f.row, []Reject{{ObjectID: f.object.ID, Code: CodeOtherCreator, Value: f.object.CreatedBy,
			Detail: "a version by somebody else than the object's maker: the version that is stored stays"}})
	}
	a.addRejects(ctx, rows, 0, a.batch.Unreadable)
	if err := rows.flush(ctx); err != nil {
		return err
	}
	return a.pruneUnreadable(ctx)
}

func (a *applier) addRejects(ctx context.Context, rows *inserter, object int64, rejects []Reject) {
	a.counts.Rejects += len(rejects)
	for _, r := range rejects {
		rows.add(ctx, a.source, object, cut(r.ObjectID), string(r.Code), cut(r.Detail), cut(r.Value), a.now)
	}
}

func (a *applier) pruneUnreadable(ctx context.Context) error {
	if len(a.batch.Unreadable) == 0 {
		return nil
	}
	return a.execute(ctx, `DELETE FROM rejects WHERE object = 0 AND source = ?1 AND id NOT IN
		(SELECT id FROM rejects WHERE object = 0 AND source = ?1 ORDER BY id DESC LIMIT ?2)`, a.source, maxUnreadable)
}

// cut bounds a text and makes it valid UTF-8.
func cut(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= maxDetail {
		return text
	}
	end := maxDetail
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// Rejects returns the newest rejects, at most limit of them; of one source, or
// of all where source is "".
func (s *Store) Rejects(ctx context.Context, source string, limit int) ([]StoredReject, error) {
	return s.readRejects(ctx, "?1 = '' OR s.name = ?1", source, limit)
}

func (s *Store) readRejects(ctx context.Context, where, text string, limit int) ([]StoredReject, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT s.name, r.stix_id, r.code, r.detail, r.value, r.at
		FROM rejects r JOIN sources s ON s.id = r.source WHERE `+where+" ORDER BY r.id DESC LIMIT ?2", text, limit)
	if err != nil {
		return nil, fmt.Errorf("reading rejects: %w", err)
	}
	defer rows.Close()
	var all []StoredReject
	for rows.Next() {
		var r StoredReject
		var at int64
		if err := rows.Scan(&r.Source, &r.ObjectID, &r.Code, &r.Detail, &r.Value, &at); err != nil {
			return nil, fmt.Errorf("reading rejects: %w", err)
		}
		r.At = FromMicros(at)
		all = append(all, r)
	}
	return all, rows.Err()
}
