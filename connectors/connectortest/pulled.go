package connectortest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/indicatord/indicatord/connectors"
)

// pulled is what a store would have kept of a pull.
type pulled struct {
	pages  []connectors.Page
	cursor []byte
}

var errStop = errors.New("the store wants no more")

// take is a sink that keeps every page.
func (p *pulled) take(_ context.Context, page connectors.Page) error {
	p.pages = append(p.pages, page)
	if page.Cursor != nil {
		p.cursor = slices.Clone(page.Cursor)
	}
	return nil
}

// takeOnly is a sink that keeps n pages and refuses the next.
func (p *pulled) takeOnly(n int) connectors.Sink {
	return func(ctx context.Context, page connectors.Page) error {
		if len(p.pages) == n {
			return fmt.Errorf("page %d: %w", n, errStop)
		}
		return p.take(ctx, page)
	}
}

// versions returns the objects as "id modified", in the order of arrival.
func (p *pulled) versions(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, page := range p.pages {
		for _, object := range page.Objects {
			all = append(all, versionOf(t, object))
		}
	}
	return all
}

// complete counts the pages that claim to complete a full pull.
func (p *pulled) complete() int {
	n := 0
	for _, page := range p.pages {
		if page.Complete {
			n++
		}
	}
	return n
}

func versionOf(t *testing.T, object json.RawMessage) string {
	t.Helper()
	var header struct{ ID, Modified string }
	if err := json.Unmarshal(object, &header); err != nil {
		t.Fatalf("a page holds %.80q, which is not a JSON object: %v", object, err)
	}
	return header.ID + " " + header.Modified
}

// wantAll fails unless got holds every version of want, whatever else it holds.
func wantAll(t *testing.T, got, want []string) {
	t.Helper()
	for _, version := range want {
		if !slices.Contains(got, version) {
			t.Errorf("%s did not arrive", version)
		}
	}
}

// wantOnly fails if got holds a version that is not in known.
func wantOnly(t *testing.T, got, known []string) {
	t.Helper()
	for _, version := range got {
		if !slices.Contains(known, version) {
			t.Errorf("%s arrived, which the source should not have given", version)
		}
	}
}
