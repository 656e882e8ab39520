package elasticsearch

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// DefaultHistory is the data stream of changes where the settings only say that
// there is one. It is outside of logs-ti_*, where rules look for what is true now.
const DefaultHistory = "logs-" + historyDataset + "-default"

const historyDataset = "indicatord.history"

// History is the data stream of changes.
type History struct {
	// Stream is its name, "" where no history is written.
	Stream string
}

// UnmarshalYAML reads true, false or a name.
func (h *History) UnmarshalYAML(decode func(any) error) error {
	var on bool
	if decode(&on) == nil {
		*h = History{}
		if on {
			h.Stream = DefaultHistory
		}
		return nil
	}
	return decode(&h.Stream)
}

func (h History) validate(index string) error {
	switch {
	case h.Stream == "":
		return nil
	case h.Stream == index || strings.HasPrefix(h.Stream, index+"-0"):
		return errors.New("is a name of the index too: want the name of a data stream of its own")
	case strings.HasPrefix(h.Stream, "logs-ti_"):
		return errors.New("is in logs-ti_*, where indicator match rules would take what has left for what is there: want another name, such as " + DefaultHistory)
	}
	return checkIndex(h.Stream)
}

func (s *Settings) checkRetention() error {
	switch {
	case s.HistoryRetention == 0:
		return nil
	case s.History.Stream == "":
		return errors.New("is given without history")
	case s.HistoryRetention < 24*time.Hour:
		return fmt.Errorf("%s is too short: want a day at least", s.HistoryRetention)
	}
	return nil
}

// record is one change as the history has it.
type record struct {
	key  indicator.Key
	op   outputs.Op
	id   string
	body []byte
	// anew makes the id where the history holds a record of the same change and
	// the index has shown that it has happened once more: an entry has left the
	// view and come back without any change of its own. It is "" where that was
	// only offered again.
	anew string
}

// actions are the words of event.action.
var actions = map[outputs.Op]string{outputs.Add: "added", outputs.Update: "updated", outputs.Remove: "removed"}

// recordID returns the id of a change. The same change has the same id, so that
// what is offered again is refused by the history, and that is all.
func recordID(site string, c *outputs.Change, revision string) string {
	text := strings.Join([]string{ecs.DocumentID(site, c.Entry.Key), actions[c.Op], strconv.FormatUint(c.Entry.Sequence, 10), revision}, "|")
	sum := sha256.Sum256([]byte(text))
	return idEncoding.EncodeToString(sum[:])
}

// record makes the record of a change.
func (w *writer) record(c *outputs.Change) (*record, error) {
	doc := ecs.Document(w.site, &c.Entry, w.now)
	doc.Event.Kind, doc.Event.Dataset = "event", historyDataset
	doc.Event.Action, doc.Event.Reason = actions[c.Op], c.Reason
	if c.Op != outputs.Remove {
		doc.Indicatord.Revision = revisionOf(c.Entry.Revision())
	}
	body, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("writing the record of %s: %w", c.Entry.Key, err)
	}
	return &record{key: c.Entry.Key, op: c.Op, id: recordID(w.site, c, doc.Indicatord.Revision), body: body}, nil
}

// happened reports whether the index has changed as the change says, so that it
// was not offered before.
func happened(op outputs.Op, r *result) bool {
	return op == outputs.Add && r.Result == "created" || op == outputs.Remove && r.Result == "deleted"
}

// history writes records. What it cannot write now it keeps for the next time, as
// far as there is room: the index does not wait for it.
type history struct {
	*cluster
	settings *Settings
	ready    bool
	backlog  []record
}

// The most that are kept, and the most that are sent at once.
const (
	maxBacklog   = 10_000
	recordsAtOne = 1_000
)

// remember takes the records of what the index has accepted.
func (h *history) remember(items []item, results []result, refill bool) {
	for i := range items {
		if items[i].record == nil || judge(&items[i], &results[i]) != accepted {
			continue
		}
		r := *items[i].record
		if !refill && happened(r.op, &results[i]) {
			r.anew = fmt.Sprintf("%s-%d-%d", r.id, results[i].PrimTerm, results[i].SeqNo)
		}
		h.backlog = append(h.backlog, r)
	}
}

// write writes what is kept, and returns how many records are lost, and why not
// all are written.
func (h *history) write(ctx context.Context) (lost int, err error) {
	for len(h.backlog) > 0 && err == nil {
		if !h.ready {
			if err = h.ensureHistory(ctx, h.settings); err != nil {
				break
			}
			h.ready = true
		}
		n := min(recordsAtOne, len(h.backlog))
		var rest []record
		var dropped int
		rest, dropped, err = h.send(ctx, h.backlog[:n])
		lost += dropped
		h.backlog = append(rest, h.backlog[n:]...)
	}
	if over := len(h.backlog) - maxBacklog; over > 0 {
		h.backlog = h.backlog[over:]
		lost += over
	}
	return lost, err
}

// send sends records, and returns those that are still to be written. Where that
// is so because of a failure, it returns that too.
func (h *history) send(ctx context.Context, records []record) (rest []record, lost int, err error) {
	items := make([]item, len(records))
	for i := range records {
		items[i] = item{key: records[i].key, op: outputs.Add, id: records[i].id, create: true, body: records[i].body}
	}
	results, err := h.bulk(ctx, target{name: h.settings.History.Stream}, items)
	if err != nil {
		return records, 0, err
	}
	for i := range records {
		r := &records[i]
		switch s := results[i].Status; {
		case s < 300:
		case s == http.StatusConflict && r.anew != "":
			rest = append(rest, record{key: r.key, op: r.op, id: r.anew, body: r.body})
		case s == http.StatusConflict:
		case s == http.StatusBadRequest && !ofIndex(&results[i]):
			lost++
			err = errors.New(reason(&results[i]))
		default:
			rest = append(rest, *r)
			err = errors.New(reason(&results[i]))
		}
	}
	return rest, lost, err
}
