// Package taxiihub is a TAXII 2.1 server (OASIS TAXII 2.1, sections 3 to 5):
// discovery, one API root, and read-only collections with manifests, objects
// and versions. It serves what a [Holdings] holds; [Collection] is the one that
// lives in memory.
//
// It keeps to the letter of the standard where the standard leaves a client no
// choice: every path ends in a slash, every request names a TAXII media range,
// and added_after has exactly six fraction digits. A client that works here has
// no habits that another server would refuse.
package taxiihub
