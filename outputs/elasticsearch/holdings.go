package elasticsearch

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/indicatord/indicatord/internal/plugin"
)

// firstIndex is the name of the index that is made behind the alias. An operator
// who has to make the index anew, with other settings, calls it -000002 and moves
// the alias; nothing that reads the alias takes notice.
func firstIndex(alias string) string { return alias + "-000001" }

// holdings are the indices that a name stands for.
type holdings map[string]struct {
	Aliases map[string]struct {
		IsWriteIndex bool `json:"is_write_index"`
	} `json:"aliases"`
	Mappings struct {
		Meta struct {
			Indicatord struct {
				Version int `json:"version"`
			} `json:"indicatord"`
		} `json:"_meta"`
	} `json:"mappings"`
	DataStream string `json:"data_stream"`
}

// lookUp returns what the name stands for: nothing, an index, or an alias.
func (c *cluster) lookUp(ctx context.Context, name string) (holdings, error) {
	var found holdings
	err := c.call(ctx, esapi.IndicesGetRequest{Index: []string{name}}, &found)
	if status(err) == http.StatusNotFound {
		return nil, nil
	}
	return found, err
}

// usable reports why documents could not be replaced and deleted under the
// name.
func (h holdings) usable(name string) error {
	writers := 0
	for _, index := range h {
		if index.DataStream != "" {
			return plugin.Permanent(fmt.Errorf("%s is a data stream, in which documents can be neither replaced nor deleted: choose the name of an ordinary index", name))
		}
		if index.Aliases[name].IsWriteIndex {
			writers++
		}
	}
	if len(h) > 1 && writers != 1 {
		return plugin.Permanent(fmt.Errorf("%s is an alias of %d indices of which none is the write index: make one of them so, or choose another name", name, len(h)))
	}
	return nil
}

// version is the lowest version of our mappings in any of the indices, 0 where
// one has them not.
func (h holdings) version() int {
	lowest := 0
	for _, index := range h {
		if v := index.Mappings.Meta.Indicatord.Version; lowest == 0 || v < lowest {
			lowest = v
		}
	}
	return lowest
}

// alias reports whether the name is an alias.
func (h holdings) alias(name string) bool {
	for _, index := range h {
		if _, ok := index.Aliases[name]; ok {
			return true
		}
	}
	return false
}

// createIndex makes an index behind the alias, both at once, and returns what the
// alias stands for. Another agent may have been faster.
func (c *cluster) createIndex(ctx context.Context, alias string) (holdings, error) {
	index := firstIndex(alias)
	body := encode(map[string]any{"aliases": map[string]any{alias: map[string]any{"is_write_index": true}}})
	err := c.call(ctx, esapi.IndicesCreateRequest{Index: index, Body: body}, nil)
	if answer, ok := errors.AsType[*answerError](err); ok && answer.Type == "resource_already_exists_exception" {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("creating the index %s behind the alias %s: %w", index, alias, err)
	}
	found, err := c.lookUp(ctx, alias)
	if err != nil {
		return nil, fmt.Errorf("looking up the alias %s: %w", alias, err)
	}
	if len(found) == 0 {
		return nil, plugin.Permanent(fmt.Errorf("the index %s is there, but not behind the alias %s: give it the alias, with is_write_index, or delete the index, whose documents are written again", index, alias))
	}
	return found, nil
}
