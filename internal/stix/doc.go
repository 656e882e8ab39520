// Package stix reads STIX 2.0 and 2.1 objects as hubs send them: envelopes and
// bundles into objects, objects into headers, and indicators into keys with
// what is asserted of them.
//
// It trusts nothing that it reads. What is wrong with an object becomes a
// [Reject] with a stable code, and what is right is still used where that is
// safe.
package stix
