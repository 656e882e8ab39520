// Package list reads lists of what must not be blocked: those that the site
// writes, which are also the form of the shipped sets, and warninglists as MISP
// publishes them. It reads texts, never files.
package list
