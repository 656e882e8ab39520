// Package store keeps the facts: what every source said, the entries that follow
// from it, and what each output has accepted. It is one SQLite database in one
// directory, in plain SQL, so that an operator can look inside with any client;
// or a PostgreSQL database that the agents of a site share ([Location], [Claim]).
//
// Facts and the cursor they came with become durable in one transaction
// ([Store.Apply]). Every change of an entry takes the next sequence number, and
// an output asks for the changes since the number it has reached
// ([Store.Changed]), or compares the whole with its ledger ([Store.Entries]).
package store
