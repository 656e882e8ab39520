package elasticsearch

// conflict is an item whose version the index holds to be old.
type conflict struct {
	*item
	// held is the version in the index, known where the cluster has said it.
	held  int64
	known bool
}

func conflictOf(i *item, r *result) conflict {
	c := conflict{item: i}
	c.held, c.known = heldVersion(r.Error.Reason)
	return c
}

// renumber finds the epoch in which the items may be written, and returns those
// that it makes later than what the index holds. The others have indeed been
// overtaken, by another agent on the same store or by an earlier request that
// took longer than this one.
//
// An epoch that the index has already is taken over at any time: in it, the
// sequences decide. A new one overtakes whatever there is, so it is begun only
// by a first delivery, which is made when no other agent has the right to.
func (w *writer) renumber(behind []conflict) []item {
	for _, c := range behind {
		if c.known {
			w.epoch = max(w.epoch, epochOf(c.held))
		}
	}
	if w.overtake {
		for _, c := range behind {
			if c.known && w.epoch.version(c.sequence) < c.held {
				w.epoch = epochOf(c.held) + 1
			}
		}
	}
	var again []item
	for _, c := range behind {
		if c.known && w.epoch.version(c.sequence) >= c.held {
			again = append(again, *c.item)
		} else {
			w.outdated++
		}
	}
	return again
}
