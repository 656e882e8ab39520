// Package admin is the operator's side: what status and why say, and the control
// socket in the state directory through which commands reach a running daemon.
// The same [Inspector] answers when no daemon runs, from the store alone.
package admin
