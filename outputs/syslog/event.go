package syslog

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// event is what one message tells: a change of an entry, a part of a refresh,
// or word of the agent itself.
type event struct {
	at     time.Time
	id     string
	action string
	// entry is what the event is about, nil for one about no entry.
	entry  *indicator.Entry
	reason string
	// refresh is the zero part but for the events of a refresh.
	refresh part
	// notice is nil but for word of the agent.
	notice *outputs.Notice
	// unsaid is set by who sends the event where it could not be said.
	unsaid bool
}

// part is the place of an event in a refresh.
type part struct {
	// ID names the refresh: all of its events have it.
	ID string `json:"id"`
	// Number counts the entries from 1. It is 0 at the begin and at the end.
	Number int `json:"number,omitempty"`
	// Total is how many entries the refresh has: at the end it is how many were
	// sent.
	Total int `json:"total"`
}

// ofChange returns the event about a change. It shares memory with it.
func ofChange(site string, at time.Time, c *outputs.Change) event {
	return event{at: at, id: eventID(site, c), action: c.Op.String(), entry: &c.Entry, reason: c.Reason}
}

// identity says which event it is. Only a change has a key.
func (e *event) identity() identity {
	if e.entry == nil || e.refresh.ID != "" {
		return identity{id: e.id}
	}
	return identity{id: e.id, key: e.entry.Key}
}

// typeID is the MSGID of RFC 5424, section 6.2.7.
func (e *event) typeID() string {
	if e.entry == nil {
		return e.action
	}
	return "indicator-" + e.action
}

// tellsOf reports whether the event says what is known of its entry, rather than
// that the entry has left.
func (e *event) tellsOf() bool { return e.entry != nil && len(e.entry.Assertions) > 0 }

// eventID is the same each time the same change is offered, so that a receiver
// can drop what arrives twice.
func eventID(site string, c *outputs.Change) string {
	var digits [20]byte
	sequence := strconv.AppendUint(digits[:0], c.Entry.Sequence, 10)
	return idOf(site, c.Entry.Key.Kind.String(), c.Entry.Key.Value, string(sequence), c.Op.String())
}

// idOf returns 32 hexadecimal digits that stand for the words.
func idOf(words ...string) string {
	var room [256]byte // for most, and then nothing is allocated
	text := room[:0]
	for i, word := range words {
		if i > 0 {
			text = append(text, '|')
		}
		text = append(text, word...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// appendSentence tells the event to a person.
func (e *event) appendSentence(dst []byte) []byte {
	dst = append(dst, e.action...)
	switch {
	case e.entry != nil:
		dst = appendWord(dst, e.entry.Key.Kind.String())
		dst = appendWord(dst, e.entry.Key.Value)
	case e.notice != nil:
		dst = appendWord(dst, e.notice.Alarm.Name)
		dst = appendWord(dst, e.notice.Alarm.Subject)
	}
	if why := e.why(); why != "" {
		dst = append(dst, ": "...)
		dst = append(dst, why...)
	}
	return dst
}

func appendWord(dst []byte, word string) []byte {
	if word == "" {
		return dst
	}
	return append(append(dst, ' '), word...)
}

// why is the reason of a removal, or the text of an alarm.
func (e *event) why() string {
	if e.notice != nil {
		return e.notice.Alarm.Text
	}
	return e.reason
}
