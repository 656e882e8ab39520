package elasticsearch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/indicatord/indicatord/internal/plugin"
)

// firstIndex is the name of the index that is made behind the alias. An operator
// who has to make the index anew, with other settings, calls it -000002 and moves
// the alias; nothing that reads the alias takes notice.
func firstIndex(alias string) string { return alias + "-000001" }

// holdings are the indices that a name stands for.
type holdings map[string]holding

// holding is an index as far as it matters what it is. The tags are what is asked
// for: see holdingFields.
type holding struct {
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
	Settings struct {
		Index struct {
			UUID string `json:"uuid"`
		} `json:"index"`
	} `json:"settings"`
	DataStream string `json:"data_stream"`
}

// holdingFields are the parts of the answer that a holding is made from. The rest
// is the mappings, which are long.
var holdingFields = []string{"*.aliases", "*.mappings._meta", "*.settings.index.uuid", "*.data_stream", "error", "status"}

// lookUp returns what the name stands for: nothing, an index, or an alias.
func (c *cluster) lookUp(ctx context.Context, name string) (holdings, error) {
	var found holdings
	err := c.call(ctx, esapi.IndicesGetRequest{Index: []string{name}, FilterPath: holdingFields}, &found)
	if status(err) == http.StatusNotFound {
		return nil, nil
	}
	return found, err
}

// usable reports why documents could not be replaced and deleted under the
// name.
func (h holdings) usable(name string) error {
	var writers, ours []string
	for index, is := range h {
		if is.DataStream != "" {
			return plugin.Permanent(fmt.Errorf("%s is a data stream, in which documents can be neither replaced nor deleted: choose the name of an ordinary index", name))
		}
		if is.Aliases[name].IsWriteIndex {
			writers = append(writers, index)
		}
		if is.Mappings.Meta.Indicatord.Version > 0 {
			ours = append(ours, index)
		}
	}
	switch {
	case len(h) > 1 && len(writers) != 1:
		return plugin.Permanent(fmt.Errorf("%s is an alias of %d indices of which none is the write index: make one of them so, or choose another name", name, len(h)))
	case len(ours) > 1:
		slices.Sort(ours)
		return plugin.Permanent(fmt.Errorf("%s is an alias of %s, which all hold documents of indicatord: they are replaced and deleted in the write index %s alone, and what is in the others would be found for ever: take the others out of the alias", name, strings.Join(ours, " and "), writers[0]))
	}
	return nil
}

// target is the index that documents are written to under the name.
func (h holdings) target(name string) holding {
	for _, index := range h {
		if len(h) == 1 || index.Aliases[name].IsWriteIndex {
			return index
		}
	}
	return holding{}
}

// version is that of our mappings in the index that is written to, 0 where it has
// them not.
func (h holdings) version(name string) int {
	return h.target(name).Mappings.Meta.Indicatord.Version
}

// uuid tells the index that is written to from every other, also from one that has
// had its name before.
func (h holdings) uuid(name string) string {
	return h.target(name).Settings.Index.UUID
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
