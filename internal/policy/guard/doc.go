// Package guard decides what must not be blocked. A [Set] holds what is
// protected, and says of an indicator whether it may be enforced: as it is, in
// pieces around what is protected, or not at all. It is pure, as all of policy
// is: it reads no file and no clock.
package guard
