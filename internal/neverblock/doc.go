// Package neverblock gathers what must not be blocked: the shipped sets, what the
// site says in its configuration and its files, warninglists of MISP, and what
// the machine itself cannot do without. The rules go to the package guard, which
// decides with them.
package neverblock
