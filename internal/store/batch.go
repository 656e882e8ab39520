package store

import (
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// Object is one object of a source, read and reduced to what is asserted.
type Object struct {
	ID, Type string
	// Version is the object's own time of modification; the zero time for one
	// that has none.
	Version time.Time
	Revoked bool
	// Checksum and Place are of the object as received.
	Checksum uint32
	Place    Place
	// CreatedBy is the id of the maker, "" where none is said.
	CreatedBy string
	// Relation is set for a relationship that names an indicator's threat,
	// Threat for an object that can be indicated, and Marking for a marking
	// definition of which the level is known.
	Relation *Relation
	Threat   *indicator.Threat
	Marking  *indicator.TLP
	// Unresolved are ids of markings that nobody has defined yet.
	Unresolved []string
	// Text is the JSON of [indicator.Object], nil where nothing is asserted.
	Text       []byte
	Assertions []Assertion
	Rejects    []Reject
}

// Assertion is what an object says of a key. The assertion's Source, Revision
// and Object are the store's own business.
type Assertion struct {
	Key indicator.Key
	indicator.Assertion
}

// Reject is a part of a source's content that could not be used.
type Reject struct {
	// ObjectID is the object, "" where it has no usable id.
	ObjectID string
	Code     indicator.Code
	// Detail is for a person; Value is what was refused. Both are cut to a
	// bounded length.
	Detail, Value string
}

// Batch is what one transaction takes in: the objects of some pages and the
// cursor that is true once they are stored.
type Batch struct {
	Source string
	// Derivation is the fingerprint of the rules that made the assertions.
	Derivation string
	Objects    []Object
	Packer     *Packer
	// Unreadable are parts that are no object at all.
	Unreadable []Reject
	// Withdrawn are ids of objects that the source no longer holds, whatever
	// version of them is among Objects.
	Withdrawn []string
	// Cursor is the new cursor; nil leaves the old one.
	Cursor []byte
	Now    time.Time
}

// Applied counts what a batch has changed.
type Applied struct {
	New           int `json:"new"`
	Updated       int `json:"updated"`
	Revoked       int `json:"revoked"`
	Withdrawn     int `json:"withdrawn"`
	Repeated      int `json:"repeated"`      // the same version again
	Older         int `json:"older"`         // a version before the one that is stored
	Conflicting   int `json:"conflicting"`   // the same version with other content: the first is kept
	AfterRevoked  int `json:"after_revoked"` // a version after the revocation: ignored
	OtherCreator  int `json:"other_creator"` // a version by somebody else than the maker: ignored
	Stale         int `json:"stale"`         // made stale by what other objects tell: to be derived again
	Rejects       int `json:"rejects"`
	EntriesNew    int `json:"entries_new"`
	EntriesChange int `json:"entries_changed"`
}

// Add adds the counts of another batch.
func (a *Applied) Add(b Applied) {
	a.New += b.New
	a.Updated += b.Updated
	a.Revoked += b.Revoked
	a.Withdrawn += b.Withdrawn
	a.Repeated += b.Repeated
	a.Older += b.Older
	a.Conflicting += b.Conflicting
	a.AfterRevoked += b.AfterRevoked
	a.OtherCreator += b.OtherCreator
	a.Stale += b.Stale
	a.Rejects += b.Rejects
	a.EntriesNew += b.EntriesNew
	a.EntriesChange += b.EntriesChange
}

// Changed reports whether any entry changed.
func (a *Applied) Changed() bool { return a.EntriesNew+a.EntriesChange > 0 }
