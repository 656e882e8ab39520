// Package policy decides what an output may see. It is pure: it reads no store
// and no clock, so every decision can be repeated and explained.
package policy
