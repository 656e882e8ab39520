package elasticsearch

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
)

// snapshotDialect is how a product is asked for a state of an index that stays
// while it is read: a point in time.
type snapshotDialect struct {
	// open and close are paths; %s is the index.
	open, close string
	// name is what the product calls the id of a point in time.
	name string
	// list is set where several are closed at once.
	list bool
	// order is a field by which the documents have one order.
	order string
}

// snapshotDialects are that of Elasticsearch since 7.12, and that of OpenSearch
// since 2.4, which has no order of its own in a point in time.
var snapshotDialects = map[Flavor]snapshotDialect{
	Elasticsearch: {open: "/%s/_pit?keep_alive=5m", close: "/_pit", name: "id", order: "_shard_doc"},
	OpenSearch:    {open: "/%s/_search/point_in_time?keep_alive=5m", close: "/_search/point_in_time", name: "pit_id", list: true, order: "indicatord.id"},
}

// held is a document in the index as far as it takes part in a comparison.
type held struct {
	id       string
	version  int64
	sequence uint64
	revision string
	// key is what the document says that it is about.
	key indicator.Key
}

// shortID is the first half of what the id of a document is made of: enough to
// tell all documents of an index apart.
type shortID [16]byte

var idEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// short returns the short form of a document's id, and whether it has one: ids
// that were not made by [ecs.DocumentID] have none.
func short(id string) (s shortID, ok bool) {
	sum, err := idEncoding.DecodeString(id)
	if err != nil || len(sum) != 32 {
		return s, false
	}
	return shortID(sum), true
}

// pageSize is how many documents are read at once. Of each, no more is sent than
// a comparison takes.
const pageSize = 2000

// snapshot yields the documents of one site, in the state in which the index is
// when the reading begins. An index that is not there holds none.
func (c *cluster) snapshot(ctx context.Context, index, site string) iter.Seq2[held, error] {
	return func(yield func(held, error) bool) {
		dialect := snapshotDialects[c.flavor]
		id, err := c.openSnapshot(ctx, &dialect, index)
		switch {
		case status(err) == http.StatusNotFound:
			return
		case err != nil:
			yield(held{}, err)
			return
		}
		p := pages{cluster: c, dialect: &dialect, id: id, site: site}
		defer p.close(ctx)
		p.each(ctx, yield)
	}
}

// pages reads a point in time page by page.
type pages struct {
	*cluster
	dialect *snapshotDialect
	id      string
	site    string
	after   []json.RawMessage
}

func (p *pages) each(ctx context.Context, yield func(held, error) bool) {
	for {
		hits, err := p.next(ctx)
		if err != nil {
			yield(held{}, fmt.Errorf("reading a page of documents: %w", err))
			return
		}
		for i := range hits {
			if !yield(hits[i].held(), nil) {
				return
			}
		}
		if len(hits) < pageSize {
			return
		}
		p.after = hits[len(hits)-1].Sort
	}
}

// hit is a document as a search returns it.
type hit struct {
	ID      string `json:"_id"`
	Version int64  `json:"_version"`
	Source  struct {
		Threat struct {
			Indicator struct {
				Name string `json:"name"`
			} `json:"indicator"`
		} `json:"threat"`
		Indicatord struct {
			Kind     string `json:"kind"`
			Sequence uint64 `json:"sequence"`
			Revision string `json:"revision"`
		} `json:"indicatord"`
	} `json:"_source"`
	Sort []json.RawMessage `json:"sort"`
}

func (h *hit) held() held {
	own := &h.Source.Indicatord
	d := held{id: h.ID, version: h.Version, sequence: own.Sequence, revision: own.Revision}
	if kind, err := indicator.ParseKind(own.Kind); err == nil {
		d.key = indicator.Key{Kind: kind, Value: h.Source.Threat.Indicator.Name}
	}
	return d
}

// next reads the page after the last one that was read.
func (p *pages) next(ctx context.Context) ([]hit, error) {
	query := map[string]any{
		"size":             pageSize,
		"pit":              map[string]any{"id": p.id, "keep_alive": "5m"},
		"query":            ours(p.site),
		"sort":             []any{map[string]any{p.dialect.order: "asc"}},
		"version":          true,
		"track_total_hits": false,
		"_source":          []string{"threat.indicator.name", "indicatord.kind", "indicatord.sequence", "indicatord.revision"},
	}
	if p.after != nil {
		query["search_after"] = p.after
	}
	var answer struct {
		PIT      string `json:"pit_id"`
		TimedOut bool   `json:"timed_out"`
		Shards   struct {
			Failed int `json:"failed"`
		} `json:"_shards"`
		Hits struct {
			Hits []hit `json:"hits"`
		} `json:"hits"`
	}
	if err := p.call(ctx, esapi.SearchRequest{Body: encode(query)}, &answer); err != nil {
		return nil, err
	}
	if answer.TimedOut || answer.Shards.Failed > 0 {
		return nil, fmt.Errorf("only a part of the index answered (%d shards failed)", answer.Shards.Failed)
	}
	if answer.PIT != "" {
		p.id = answer.PIT
	}
	return answer.Hits.Hits, nil
}

// ours is the query for the documents of a site. All others in the index are
// none of our business.
func ours(site string) any {
	return map[string]any{"bool": map[string]any{"filter": []any{
		map[string]any{"term": map[string]any{"indicatord.site": site}},
		map[string]any{"term": map[string]any{"event.dataset": ecs.Dataset}},
	}}}
}

// openSnapshot opens a point in time. What was written a moment ago is not seen by
// searches of itself, and in an index with another refresh_interval not for long.
func (c *cluster) openSnapshot(ctx context.Context, d *snapshotDialect, index string) (string, error) {
	if err := c.refresh(ctx, index); err != nil {
		return "", fmt.Errorf("making visible what was written (which takes the index privilege maintenance): %w", err)
	}
	var answer map[string]any
	path := fmt.Sprintf(d.open, url.PathEscape(index))
	if err := c.call(ctx, plainRequest{http.MethodPost, path, nil}, &answer); err != nil {
		return "", fmt.Errorf("opening a point in time (which takes the index privilege read): %w", err)
	}
	id, _ := answer[d.name].(string)
	if id == "" {
		return "", fmt.Errorf("the cluster's answer lacks %q", d.name)
	}
	return id, nil
}

// close ends the point in time, which costs the cluster something while it lasts.
// It ends by itself after some minutes, so a failure does no harm.
func (p *pages) close(ctx context.Context) {
	var id any = p.id
	if p.dialect.list {
		id = []string{p.id}
	}
	_ = p.call(context.WithoutCancel(ctx), plainRequest{http.MethodDelete, p.dialect.close, encode(map[string]any{p.dialect.name: id})}, nil)
}

// plainRequest is a request that the products spell in different ways.
type plainRequest struct {
	method, path string
	body         io.Reader
}

// Do implements [esapi.Request].
func (r plainRequest) Do(ctx context.Context, to esapi.Transport) (*esapi.Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, r.path, r.body)
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := to.Perform(req) //nolint:bodyclose // whoever reads the answer closes it
	if err != nil {
		return nil, err //nolint:wrapcheck // it says all
	}
	return &esapi.Response{StatusCode: res.StatusCode, Header: res.Header, Body: res.Body}, nil
}
