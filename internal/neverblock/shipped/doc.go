// Package shipped holds the sets of what no site wants to block: files that
// anybody can read, in the form that a site's own lists have.
package shipped
