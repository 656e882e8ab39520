package store

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// Override is the site's own word on a value, which goes before what any source
// says of it: [Store.Override] makes it a fact like theirs, of the source
// [indicator.OwnSource], so that it lives, ends and is explained as they are.
type Override struct {
	Key indicator.Key `json:"key"`
	// Deny puts the value into every view that takes its kind; otherwise the
	// value is allowed, and in none.
	Deny bool `json:"deny"`
	// Scope says whether a domain is meant with the names below it.
	Scope indicator.Scope `json:"scope"`
	// Reason and Owner are for people.
	Reason string `json:"reason"`
	Owner  string `json:"owner"`
	// Made is when it was said. Until is when it ends by itself, the zero time
	// for never.
	Made  time.Time `json:"made"`
	Until time.Time `json:"until,omitzero"`
}

// Action is "deny" or "allow".
func (o *Override) Action() string {
	if o.Deny {
		return "deny"
	}
	return "allow"
}

const typeOverride = "override"

// overrideID is that of the object which holds the override: a value has one at
// a time.
func overrideID(k indicator.Key) string {
	return typeOverride + "--" + k.Kind.String() + ":" + k.Value
}

// Override stores the site's word on a value, in place of an earlier one.
func (s *Store) Override(ctx context.Context, o Override) (Applied, error) {
	version, err := s.overrideVersion(ctx, o)
	if err != nil {
		return Applied{}, err
	}
	object, raw, err := o.object(version)
	if err != nil {
		return Applied{}, err
	}
	batch := Batch{Source: indicator.OwnSource, Derivation: typeOverride, Packer: NewPacker(), Now: o.Made}
	object.Place = batch.Packer.Add(raw)
	batch.Objects = []Object{object}
	return s.Apply(ctx, batch)
}

// overrideVersion is later than that of the word before, also where the clock
// went back in between.
func (s *Store) overrideVersion(ctx context.Context, o Override) (time.Time, error) {
	source, err := sourceID(ctx, s.read, indicator.OwnSource)
	if err != nil || source == 0 {
		return o.Made, err
	}
	stored, err := s.lookUpObjects(ctx, s.read, source, []string{overrideID(o.Key)})
	if err != nil {
		return o.Made, err
	}
	if before, ok := stored[overrideID(o.Key)]; ok && before.version >= Micros(o.Made) {
		return FromMicros(before.version + 1), nil
	}
	return o.Made, nil
}

// object is the override as a fact. Its text is what why and documents show.
func (o *Override) object(version time.Time) (object Object, raw []byte, err error) {
	if raw, err = json.Marshal(o); err != nil {
		return Object{}, nil, err
	}
	id := overrideID(o.Key)
	text, err := json.Marshal(indicator.Object{ID: id, Type: typeOverride, Name: o.Action() + ": " + o.Reason, CreatedBy: o.Owner})
	if err != nil {
		return Object{}, nil, err
	}
	a := indicator.Assertion{
		Version: version, ValidFrom: o.Made, ValidUntil: o.Until, Confidence: 100, Scope: o.Scope,
		Types: indicator.TypeBenign, TLP: indicator.TLPAmber,
	}
	if o.Deny {
		a.Types = indicator.TypeMalicious
	}
	if !o.Until.IsZero() {
		a.End = indicator.EndHub
	}
	return Object{
		ID: id, Type: typeOverride, Version: version, Checksum: crc32.ChecksumIEEE(raw), Text: text,
		Assertions: []Assertion{{Key: o.Key, Assertion: a}},
	}, raw, nil
}

// Lift takes the site's word on a value back, and reports whether there was one.
func (s *Store) Lift(ctx context.Context, k indicator.Key, now time.Time) (bool, error) {
	applied, err := s.Apply(ctx, Batch{Source: indicator.OwnSource, Derivation: typeOverride, Withdrawn: []string{overrideID(k)}, Now: now})
	return applied.Withdrawn > 0, err
}

// Overrides returns what the site says now, in the order in which it was first
// said of each value.
func (s *Store) Overrides(ctx context.Context, now time.Time) ([]Override, error) {
	objects, err := s.liveObjects(ctx, indicator.OwnSource)
	if err != nil {
		return nil, err
	}
	unpacker := newUnpacker(s.read)
	defer unpacker.close()
	var all []Override
	for _, object := range objects {
		raw, err := unpacker.object(ctx, object.pack, object.start, object.size)
		if err != nil {
			return nil, err
		}
		var o Override
		if err := json.Unmarshal(raw, &o); err != nil {
			return nil, fmt.Errorf("reading override %d: %w", object.row, err)
		}
		if o.Until.IsZero() || now.Before(o.Until) {
			all = append(all, o)
		}
	}
	return all, nil
}

func (s *Store) liveObjects(ctx context.Context, source string) ([]staleObject, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT o.id, o.pack, o.start, o.size FROM objects o JOIN sources s ON s.id = o.source
		WHERE s.name = ? AND o.state = 0 ORDER BY o.id`, source)
	if err != nil {
		return nil, fmt.Errorf("reading the objects of %s: %w", source, err)
	}
	defer rows.Close()
	var objects []staleObject
	for rows.Next() {
		var o staleObject
		if err := rows.Scan(&o.row, &o.pack, &o.start, &o.size); err != nil {
			return nil, fmt.Errorf("reading the objects of %s: %w", source, err)
		}
		objects = append(objects, o)
	}
	return objects, rows.Err()
}
