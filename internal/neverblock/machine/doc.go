// Package machine reads what a Linux machine says of its own network: gateways,
// resolvers and time servers. It reads contents, never files, so that it needs no
// machine to be tested on.
package machine
