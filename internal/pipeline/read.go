package pipeline

import (
	"context"
	"encoding/json"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix"
	"github.com/indicatord/indicatord/internal/stix/pattern"
	"github.com/indicatord/indicatord/internal/store"
)

// A batch is stored when it holds so many objects or bytes, or when its first
// page has waited so long.
const (
	batchObjects = 5_000
	batchBytes   = 16 << 20
	batchWait    = time.Second
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// read gathers pages into batches until the fetch ends.
func (r *pull) read(ctx context.Context, batches chan<- store.Batch) error {
	gathering := newGathering(r)
	timer := time.NewTimer(batchWait)
	defer timer.Stop()
	for {
		select {
		case page, more := <-r.queue.pages:
			if !more {
				return gathering.hand(ctx, batches)
			}
			if gathering.empty() {
				timer.Reset(batchWait)
			}
			if err := gathering.take(ctx, page, batches); err != nil {
				return err
			}
			r.queue.release(page)
			if !gathering.full() {
				continue
			}
		case <-timer.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := gathering.hand(ctx, batches); err != nil {
			return err
		}
	}
}

// gathering is the batch that is being read.
type gathering struct {
	run   *pull
	batch store.Batch
	pages int
	bytes int
	seen  int       // objects shown, stored or not
	begun time.Time // what the batch holds counts as read then
	// withdrawn are the ids that the batch takes back.
	withdrawn map[string]bool
}

func newGathering(r *pull) *gathering {
	g := &gathering{run: r}
	g.reset()
	return g
}

func (g *gathering) reset() {
	*g = gathering{run: g.run, begun: g.run.Now(), withdrawn: make(map[string]bool), batch: store.Batch{
		Source:     g.run.Source,
		Derivation: g.run.Options.Fingerprint(),
		Packer:     store.NewPacker(),
	}}
}

func (g *gathering) empty() bool { return g.pages == 0 }

func (g *gathering) full() bool { return g.seen >= batchObjects || g.bytes >= batchBytes }

// take adds a page to the batch, or to the next one where it may not be in this.
func (g *gathering) take(ctx context.Context, page connectors.Page, batches chan<- store.Batch) error {
	if g.tookBack(page) {
		if err := g.hand(ctx, batches); err != nil {
			return err
		}
	}
	return g.add(ctx, page)
}

// tookBack reports whether the page shows an object that the batch takes back.
// A batch takes it back whatever version it holds, so such a page has to wait
// for the next: the order counts.
func (g *gathering) tookBack(page connectors.Page) bool {
	return len(g.withdrawn) > 0 && slices.ContainsFunc(page.Objects, func(raw json.RawMessage) bool {
		h, err := stix.ReadHeader(raw)
		return err == nil && g.withdrawn[h.ID]
	})
}

// hand passes the batch on and begins the next.
func (g *gathering) hand(ctx context.Context, batches chan<- store.Batch) error {
	if g.empty() {
		return nil
	}
	g.batch.Now = g.run.Now()
	select {
	case batches <- g.batch:
		g.reset()
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// add reads one page: headers first, and the rest only of what is news.
func (g *gathering) add(ctx context.Context, page connectors.Page) error {
	headers, raws := g.readHeaders(page.Objects)
	g.readMarkings(headers, raws)
	familiar, err := g.run.Store.Familiar(ctx, g.run.Source, headers)
	if err != nil {
		return err
	}
	for i, raw := range raws {
		if g.news(&headers[i], familiar[i]) {
			g.derive(raw, headers[i].Checksum)
		}
	}
	g.withdraw(page.Withdrawn)
	if page.Cursor != nil {
		g.batch.Cursor = page.Cursor
	}
	g.count(page)
	return nil
}

func (g *gathering) count(page connectors.Page) {
	g.pages++
	g.seen += len(page.Objects)
	g.bytes += sizeOf(page)
	g.run.pages++
	g.run.objects += len(page.Objects)
	g.run.complete = page.Complete
	g.run.progress.report(g.run.pages, g.run.objects)
}

// readHeaders returns the header of every object that has one, and rejects the
// rest.
func (g *gathering) readHeaders(objects []json.RawMessage) ([]store.Header, []json.RawMessage) {
	headers := make([]store.Header, 0, len(objects))
	raws := make([]json.RawMessage, 0, len(objects))
	for _, raw := range objects {
		h, err := stix.ReadHeader(raw)
		if err != nil {
			g.rejectUnreadable(raw, err)
			continue
		}
		headers = append(headers, store.Header{ID: h.ID, Version: h.Modified, Revoked: h.Revoked, Checksum: crc32.Checksum(raw, castagnoli)})
		raws = append(raws, raw)
	}
	return headers, raws
}

// readMarkings notes the marking definitions of a page before anything that is
// marked by them is read. They have no versions: the first counts.
func (g *gathering) readMarkings(headers []store.Header, raws []json.RawMessage) {
	for i := range headers {
		if !strings.HasPrefix(headers[i].ID, markingPrefix) {
			continue
		}
		if _, known := g.run.markings[headers[i].ID]; known {
			continue
		}
		if id, level, ok := stix.ReadMarking(raws[i]); ok {
			g.run.markings[id] = level
		}
	}
}

// markingPrefix is that of the ids of marking definitions.
const markingPrefix = "marking-definition--"

// news reports whether the store has to look at an object. What it has already
// is only counted.
func (g *gathering) news(h *store.Header, f store.Familiar) bool {
	if g.run.presence != nil {
		g.run.presence.Mark(f.Row)
	}
	if g.run.withdrawn[h.ID] {
		return true
	}
	if f.Settled {
		g.skip(f)
	}
	return !f.Settled
}

func (g *gathering) skip(f store.Familiar) {
	counts := &g.run.skipped
	switch {
	case f.Conflicting:
		counts.Conflicting++
	case f.Older:
		counts.Older++
	case f.AfterRevoked:
		counts.AfterRevoked++
	default:
		counts.Repeated++
	}
}

func (g *gathering) withdraw(ids []string) {
	for _, id := range ids {
		g.run.withdrawn[id], g.withdrawn[id] = true, true
	}
	g.batch.Withdrawn = append(g.batch.Withdrawn, ids...)
}

func (g *gathering) derive(raw []byte, checksum uint32) {
	object, lenient, err := derive(raw, g.run.Options, g.run.markings, g.begun)
	if err != nil {
		g.rejectUnreadable(raw, err)
		return
	}
	g.run.lenient.Add(lenient)
	object.Checksum = checksum
	object.Place = g.batch.Packer.Add(raw)
	g.batch.Objects = append(g.batch.Objects, object)
}

func (g *gathering) rejectUnreadable(raw []byte, err error) {
	g.batch.Unreadable = append(g.batch.Unreadable, store.Reject{Code: stix.CodeNoID, Detail: err.Error(), Value: string(raw)})
}

// derive turns an object as received into what the store keeps of it, when it is
// read now with the levels of these markings, and says which leniencies that took.
func derive(raw []byte, options stix.Options, markings map[string]indicator.TLP, now time.Time) (store.Object, pattern.Leniencies, error) {
	options.Now = now
	options.Markings = func(id string) (indicator.TLP, bool) {
		level, known := markings[id]
		return level, known
	}
	d, err := stix.Derive(raw, options)
	if err != nil {
		return store.Object{}, 0, err
	}
	object := store.Object{
		ID: d.Header.ID, Type: d.Header.Type, Version: d.Header.Modified, Revoked: d.Header.Revoked,
		CreatedBy: d.CreatedBy, Threat: d.Threat, Unresolved: d.Unresolved,
	}
	if d.Relation != nil {
		object.Relation = &store.Relation{Subject: d.Relation.Source, Target: d.Relation.Target, TLP: d.Relation.TLP}
	}
	if strings.HasPrefix(object.ID, markingPrefix) {
		if _, level, ok := stix.ReadMarking(raw); ok {
			object.Marking = &level
		}
	}
	for _, a := range d.Assertions {
		object.Assertions = append(object.Assertions, store.Assertion{Key: a.Key, Assertion: a.Assertion})
	}
	for _, r := range d.Rejects {
		object.Rejects = append(object.Rejects, store.Reject{ObjectID: d.Header.ID, Code: r.Code, Detail: r.Detail, Value: r.Value})
	}
	if len(object.Assertions) > 0 {
		if object.Text, err = json.Marshal(&d.Object); err != nil {
			return store.Object{}, 0, err
		}
	}
	return object, d.Leniencies, nil
}
