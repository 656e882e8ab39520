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
	// id is the same whenever the change is offered.
	id string
	// under is the id of the document: id, or anew where that is taken.
	under string
	body  []byte
	// anew makes the id where the history holds a record of the same change and
	// the index has shown that it has happened once more: an entry has left the
	// view and come back without any change of its own. It is "" where that was
	// only offered again.
	anew string
}

// actions are the words of event.action.
var actions = map[outputs.Op]string{outputs.Add: "added", outputs.Update: "updated", outputs.Remove: "removed"}

// recordID returns the id of a change: of what the entry has become, whether it was
// added or updated for that, or of its removal. What is offered again is refused by
// the history, and that is all.
func recordID(site string, c *outputs.Change, revision string) string {
	became := "written"
	if c.Op == outputs.Remove {
		became = "removed"
	}
	text := strings.Join([]string{ecs.DocumentID(site, c.Entry.Key), became, strconv.FormatUint(c.Entry.Sequence, 10), revision}, "|")
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
	id := recordID(w.site, c, doc.Indicatord.Revision)
	return &record{id: id, under: id, body: body}, nil
}

// happened reports whether the index has changed as the change says, so that it
// was not offered before.
func happened(op outputs.Op, r *result) bool {
	return op == outputs.Add && r.Result == "created" || op == outputs.Remove && r.Result == "deleted"
}

// history writes records. What it cannot write now it keeps for the next time, as
// far as there is room, and the change is offered again: so its record is written
// once, whether it is this process that remembers it or the next that is told anew.
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

// remember takes the records of what the index has accepted. It returns which are
// to be written, by the places of their items: those without room are among them.
func (h *history) remember(items []item, results []result, refill bool) (due map[string]int) {
	kept := make(map[string]bool, len(h.backlog))
	for i := range h.backlog {
		kept[h.backlog[i].id] = true
	}
	due = make(map[string]int, len(items))
	for i := range items {
		if items[i].record == nil || judge(&items[i], &results[i]) != accepted {
			continue
		}
		r := *items[i].record
		due[r.id] = i
		if kept[r.id] || len(h.backlog) == maxBacklog {
			continue
		}
		if !refill && happened(items[i].op, &results[i]) {
			r.anew = fmt.Sprintf("%s-%d-%d", r.id, results[i].PrimTerm, results[i].SeqNo)
		}
		h.backlog = append(h.backlog, r)
	}
	return due
}

// recorded is what became of records.
type recorded struct {
	// done are the ids of those that the history has, and of those that it will
	// never take, which lost counts.
	done        []string
	lost        int
	lostBecause string
}

// write writes what is kept. An error says why not all of it is written.
func (h *history) write(ctx context.Context) (to recorded, err error) {
	for len(h.backlog) > 0 && err == nil {
		if !h.ready {
			if err = h.ensureHistory(ctx, h.settings); err != nil {
				break
			}
			h.ready = true
		}
		n := min(recordsAtOne, len(h.backlog))
		var rest []record
		rest, err = h.send(ctx, h.backlog[:n], &to)
		h.backlog = append(rest, h.backlog[n:]...)
	}
	return to, err
}

// send sends records, and returns those that are still to be written. Where that
// is so because of a failure, it returns that too.
func (h *history) send(ctx context.Context, records []record, to *recorded) (rest []record, err error) {
	items := make([]item, len(records))
	for i := range records {
		items[i] = item{op: outputs.Add, id: records[i].under, create: true, body: records[i].body}
	}
	results, err := h.bulk(ctx, target{name: h.settings.History.Stream}, items)
	if err != nil {
		return records, err
	}
	for i, r := range records {
		switch s := results[i].Status; {
		case s == http.StatusConflict && r.anew != "" && r.under != r.anew:
			r.under = r.anew
			rest = append(rest, r)
		case s < 300 || s == http.StatusConflict:
			to.done = append(to.done, r.id)
		case s == http.StatusBadRequest && !ofIndex(&results[i]):
			to.done = append(to.done, r.id)
			to.lost++
			to.lostBecause = reason(&results[i])
		default:
			rest = append(rest, r)
			err = errors.New(reason(&results[i]))
		}
	}
	return rest, err
}
