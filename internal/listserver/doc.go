// Package listserver offers lists over HTTP to the devices that read them. It
// reads them from a directory in the form of package servedlist and knows nothing
// of how they come there.
//
// A device keeps what it has while it cannot fetch a list, so whatever is in doubt
// is answered with 503 and Retry-After: a list that is not there yet or is damaged,
// a password that cannot be read. A device that is in the right is never answered
// with 401, and never with an empty list that nobody wanted.
package listserver
