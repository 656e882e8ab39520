package store

import (
	"context"
	"database/sql"
	"slices"

	"github.com/indicatord/indicatord/internal/indicator"
)

// Apply takes in a batch in one transaction: facts, withdrawals and cursor
// become durable together, or nothing changes. Versions may arrive in any
// order and any number of times: the highest wins, and a revocation is final.
func (s *Store) Apply(ctx context.Context, b Batch) (Applied, error) {
	a := &applier{store: s, batch: &b, now: Micros(b.Now)}
	if err := s.takeIn(ctx, "storing a batch of "+b.Source, a, a.run); err != nil {
		return Applied{}, err
	}
	return a.counts, nil
}

// takeIn runs an applier in a writing transaction. The next one finds what it has
// added.
func (s *Store) takeIn(ctx context.Context, what string, a *applier, run func(context.Context) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	err := s.inTurn(ctx, what, func(tx *sql.Tx) error {
		a.tx = tx
		return run(ctx)
	})
	if err == nil {
		s.objects.add(a.newObjects)
		s.entries.add(a.newEntries)
	}
	return err
}

// applier is the work of one Apply. Reading comes first, then the decisions in
// memory, then the writing, table by table in the order of the keys.
type applier struct {
	store *Store
	tx    *sql.Tx
	batch *Batch
	now   int64

	source, derivation int64
	counts             Applied

	changes    []objectChange
	foreign    []foreignVersion
	newObjects []located
	newEntries []located
	born       []bornEntry
	entries    entryChanges
}

// foreignVersion is a version that does not count, because somebody else than
// the maker of the stored one has made it.
type foreignVersion struct {
	row    int64
	object *Object
}

// objectChange is an object whose row is written.
type objectChange struct {
	object *Object
	row    int64
	isNew  bool
	state  indicator.State
	// stored is set where the object is derived again from what is stored: its
	// bytes stay where they are.
	stored *staleObject
	// before are the assertions of the stored version.
	before []storedAssertion
	// reworded is set where the same version now says the same in other words.
	reworded bool
	// after are the assertions of this version, with their entries.
	after []storedAssertion
}

func (a *applier) run(ctx context.Context) error {
	return inOrder(ctx, a.identify, a.decide, a.decideWithdrawals, a.runChanges, a.writeCursor)
}

// runChanges carries out what is decided.
func (a *applier) runChanges(ctx context.Context) error {
	return inOrder(ctx, a.relate, a.readBefore, a.resolveKeys, a.compare,
		a.writeObjects, a.resolve, a.writeRejects, a.writeEntries, a.writeAssertions, a.writeClock)
}

func inOrder(ctx context.Context, steps ...func(context.Context) error) error {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (a *applier) identify(ctx context.Context) error {
	var err error
	if a.source, err = ensureID(ctx, a.tx, "sources", "name", a.batch.Source); err != nil {
		return err
	}
	a.derivation, err = ensureID(ctx, a.tx, "derivations", "fingerprint", a.batch.Derivation)
	return err
}

// decide compares each object with what is stored and keeps those that change
// something.
func (a *applier) decide(ctx context.Context) error {
	winners := a.winners()
	ids := make([]string, len(winners))
	for i, o := range winners {
		ids[i] = o.ID
	}
	stored, err := a.store.lookUpObjects(ctx, a.tx, a.source, ids)
	if err != nil {
		return err
	}
	a.changes = make([]objectChange, 0, len(winners))
	for _, o := range winners {
		if before, ok := stored[o.ID]; ok {
			a.decideAgainst(o, before)
		} else {
			a.admit(o)
		}
	}
	return nil
}

// winners are the objects of the batch, each id once.
func (a *applier) winners() []*Object {
	winners := make([]*Object, 0, len(a.batch.Objects))
	place := make(map[string]int, len(a.batch.Objects))
	for i := range a.batch.Objects {
		o := &a.batch.Objects[i]
		at, again := place[o.ID]
		if !again {
			place[o.ID] = len(winners)
			winners = append(winners, o)
			continue
		}
		winners[at] = a.winner(winners[at], o)
	}
	return winners
}

// winner is the one of two versions that counts. The other is counted as what
// it would have been, had it come in a batch of its own.
func (a *applier) winner(first, second *Object) *Object {
	was, is := Micros(first.Version), Micros(second.Version)
	switch {
	case first.Revoked:
		a.countAfterRevocation(second, was)
		return first
	case first.CreatedBy != "" && second.CreatedBy != "" && first.CreatedBy != second.CreatedBy:
		a.counts.OtherCreator++
		return first
	case second.Revoked || is > was:
		return second
	case is == was:
		a.countRepeat(second.Checksum == first.Checksum)
	default:
		a.counts.Older++
	}
	return first
}

func (a *applier) countAfterRevocation(o *Object, revokedAt int64) {
	if Micros(o.Version) > revokedAt && !o.Revoked {
		a.counts.AfterRevoked++
	} else {
		a.counts.Repeated++
	}
}

func (a *applier) countRepeat(same bool) {
	if same {
		a.counts.Repeated++
	} else {
		a.counts.Conflicting++
	}
}

func (a *applier) admit(o *Object) {
	row := a.store.numbers.nextObject()
	a.newObjects = append(a.newObjects, located{a.store.hashKey(uint64(a.source), o.ID), row})
	change := objectChange{object: o, row: row, isNew: true}
	if o.Revoked {
		change.state = indicator.Revoked
		a.counts.Revoked++
	} else {
		a.counts.New++
	}
	a.changes = append(a.changes, change)
}

func (a *applier) decideAgainst(o *Object, before storedObject) {
	version := Micros(o.Version)
	switch {
	case before.state == indicator.Revoked:
		a.countAfterRevocation(o, before.version)
	case a.byAnother(o, before):
		a.counts.OtherCreator++
		a.foreign = append(a.foreign, foreignVersion{before.id, o})
	case o.Revoked:
		a.counts.Revoked++
		a.changes = append(a.changes, objectChange{object: o, row: before.id, state: indicator.Revoked})
	case version < before.version:
		a.counts.Older++
	case version == before.version && before.state == indicator.Live:
		a.countRepeat(o.Checksum == before.checksum)
	default:
		a.counts.Updated++
		a.changes = append(a.changes, objectChange{object: o, row: before.id})
	}
}

// byAnother reports whether a version is not by the maker of the one that is
// stored (STIX 2.1, section 3.6.2). Where either does not say who made it,
// nothing is known against it.
func (a *applier) byAnother(o *Object, before storedObject) bool {
	return before.creator != 0 && o.CreatedBy != "" && before.creator != a.creator(o)
}

// creator is what the store keeps of who made an object.
func (a *applier) creator(o *Object) int64 {
	if o.CreatedBy == "" {
		return 0
	}
	return int64(a.store.hashKey(0, o.CreatedBy))
}

// decideWithdrawals adds the objects that the source no longer holds. They are
// decided after the objects of the batch, which may hold a version of them.
func (a *applier) decideWithdrawals(ctx context.Context) error {
	if len(a.batch.Withdrawn) == 0 {
		return nil
	}
	stored, err := a.store.lookUpObjects(ctx, a.tx, a.source, a.batch.Withdrawn)
	if err != nil {
		return err
	}
	changing := make(map[string]int, len(a.changes))
	for i := range a.changes {
		changing[a.changes[i].object.ID] = i
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(a.batch.Withdrawn))) {
		if i, ok := changing[id]; ok {
			a.withdrawChange(&a.changes[i])
		} else if before, ok := stored[id]; ok && before.state == indicator.Live {
			a.counts.Withdrawn++
			a.changes = append(a.changes, objectChange{row: before.id, state: indicator.Withdrawn})
		}
	}
	return nil
}

// withdrawChange withdraws an object that the batch changes, unless it is
// revoked: that is final.
func (a *applier) withdrawChange(c *objectChange) {
	if c.state == indicator.Live {
		c.state = indicator.Withdrawn
		a.counts.Withdrawn++
	}
}
