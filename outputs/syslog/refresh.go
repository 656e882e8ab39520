package syslog

import (
	"context"
	"iter"
	"strconv"
	"time"

	"github.com/indicatord/indicatord/outputs"
)

// The actions of a refresh.
const (
	present      = "present"
	refreshBegin = "refresh-begin"
	refreshEnd   = "refresh-end"
)

// RefreshSchedule implements [outputs.Refreshing]: it is never unless configured.
func (s *Settings) RefreshSchedule() string { return "" }

// Refresh implements [outputs.Refresher]. It sends the whole view, as one event for each entry between an event at
// the begin and one at the end. They have a refresh id in common, and the entries
// are numbered: a reader that has as many as the end says has the whole list.
func (o *output) Refresh(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	total, err := count(d)
	if err != nil {
		return outputs.Receipt{Held: -1, Where: places(o.routes[0])}, err
	}
	r := refresh{site: o.format.site, at: d.Now, part: part{
		ID:    idOf(o.format.site, o.env.Name, "refresh", d.Now.UTC().Format(time.RFC3339Nano)),
		Total: total,
	}}
	return o.send(ctx, r.events(d))
}

// count ranges over the view for its number of entries alone.
func count(d outputs.Delivery) (int, error) {
	n := 0
	for _, err := range d.All(outputs.KeysOnly) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// refresh is one refresh on its way.
type refresh struct {
	site string
	at   time.Time
	part part
}

// events yields the events of the refresh. An entry that could not be said has no
// number: the next one takes it. It begins anew each time it is ranged over.
func (r *refresh) events(d outputs.Delivery) iter.Seq2[*event, error] {
	return func(yield func(*event, error) bool) {
		begin := r.frame(refreshBegin, r.part.Total)
		if !yield(&begin, nil) {
			return
		}
		sent := 0
		for entry, err := range d.All(outputs.InFull) {
			if err != nil {
				yield(nil, err)
				return
			}
			e := event{at: r.at, action: present, entry: &entry, refresh: r.part}
			e.refresh.Number = sent + 1
			e.id = idOf(r.part.ID, entry.Key.Kind.String(), entry.Key.Value, strconv.FormatUint(entry.Sequence, 10))
			if !yield(&e, nil) {
				return
			}
			if !e.unsaid {
				sent++
			}
		}
		end := r.frame(refreshEnd, sent)
		yield(&end, nil)
	}
}

// frame is the event at the begin or at the end.
func (r *refresh) frame(action string, total int) event {
	return event{at: r.at, id: idOf(r.part.ID, action), action: action, refresh: part{ID: r.part.ID, Total: total}}
}
