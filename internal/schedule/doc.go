// Package schedule says when to work: it reads schedules in cron's notation,
// answers when the next time is, also over a change to or from summer time, and
// runs a function at those times without ever running it twice at once.
package schedule
