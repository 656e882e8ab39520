package taxiihub

import (
	"context"
	"encoding/json"
	"time"
)

// Info describes a collection to clients (TAXII 2.1, section 5.2.1).
type Info struct {
	// ID identifies the collection. The standard wants a UUID; the hub takes
	// any text without a slash.
	ID string
	// Title is for people.
	Title string
	// Alias may stand for the id in every path. It may be empty.
	Alias string
	// Description is for people and may be empty.
	Description string
}

// Holdings is what a collection is served from.
type Holdings interface {
	// Select returns the records that q asks for, in ascending order of their
	// position, and at most q.Limit of them. It is called from many goroutines
	// at once.
	Select(ctx context.Context, q Query) (Selection, error)
}

// Selection is a part of the answer to a [Query].
type Selection struct {
	Records []Record
	// More says that further records fit the query behind the last one.
	More bool
}

// Record is one version of one object, as a collection holds it.
type Record struct {
	// Position numbers the records of a collection, from 1, in the order in
	// which they were added. A position is never given twice.
	Position uint64
	// DateAdded is when the hub took the record in, to the microsecond. It
	// never falls as positions rise.
	DateAdded time.Time
	// ID, Type and SpecVersion are the object's own.
	ID, Type, SpecVersion string
	// Version is the object's modified time, else its created time, else
	// DateAdded; VersionText is the same as it is written in the object.
	Version     time.Time
	VersionText string
	// Object is the object, byte for byte. It is not changed.
	Object json.RawMessage
}

// Query is what one request asks of a collection.
type Query struct {
	// After is the position that the answer begins behind: 0 for the start.
	After uint64
	// AddedAfter leaves out what was added then or earlier, unless it is zero.
	AddedAfter time.Time
	// Limit is the most records to answer with, at least 1.
	Limit int
	// IDs, Types and SpecVersions each name what is wanted; empty means
	// anything, except that empty SpecVersions means the newest of each object.
	IDs, Types, SpecVersions []string
	// Versions says which versions of an object are wanted.
	Versions Versions
}

// Versions chooses among the versions of one object (TAXII 2.1, section 3.4.1,
// match[version]). What is set is added up; nothing set means the last.
type Versions struct {
	First, Last, All bool
	// At names versions by their exact time.
	At []time.Time
}
