package taxii

import (
	"context"
	"net/url"
	"time"
)

// manifest is the manifest resource (section 5.3).
type manifest struct {
	Objects []struct {
		ID        string `json:"id"`
		DateAdded string `json:"date_added"`
	} `json:"objects"`
}

// dateAdded asks the manifest when an object was added, for servers that send no
// dates with their pages. It returns the zero time where the manifest does not
// say: only the end of ctx is an error.
func (h *hub) dateAdded(ctx context.Context, from *collection, id string) (time.Time, error) {
	if id == "" {
		return time.Time{}, nil
	}
	query := url.Values{"match[id]": {id}}
	var m manifest
	if err := h.read(ctx, from.manifest()+"?"+query.Encode(), &m); err != nil {
		return time.Time{}, ctx.Err()
	}
	var added time.Time
	for _, object := range m.Objects {
		if object.ID == id {
			added = latest(added, parseTime(object.DateAdded))
		}
	}
	return added, nil
}
