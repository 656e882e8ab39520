// Package servedlist is the form in which lists lie in a directory between the
// outputs that write them and the server that offers them: a list, beside it the
// record of its versions, and who fetched which version when.
package servedlist
