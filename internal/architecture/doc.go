// Package architecture holds the rules of the repository as tests: what may
// import what, what a plugin's folder holds, how long a function may be, and
// that the documentation is true. It has no code of its own.
package architecture
