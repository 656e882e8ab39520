package elasticsearch

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/indicatord/indicatord/internal/plugin"
)

// schemaVersion is the version of mappings.json and of the settings beside it.
// It rises with every change of them; mappings.json holds it too.
const schemaVersion = 4

//go:embed mappings.json
var mappings json.RawMessage

// indexSettings are those of a new index. Deletions are remembered for an hour,
// so that a delayed write of an older version is still told from a new one.
var indexSettings = map[string]any{
	"number_of_shards":     1,
	"auto_expand_replicas": "0-1",
	"codec":                "best_compression",
	"gc_deletes":           "1h",
}

// componentName and customName name the component templates of an index: ours,
// and one in which a site may put what it wants otherwise.
func componentName(index string) string { return index + "@indicatord" }
func customName(index string) string    { return index + "@custom" }

// ensureSchema sees to it that the index exists with our mappings, and that it
// would come back with them were it deleted. It changes nothing where that is so
// already, so that an account without the right to manage templates can go on
// with what another has set up. It reports whether it had to make the index.
func (c *cluster) ensureSchema(ctx context.Context, index string) (made bool, err error) {
	found, err := c.lookUp(ctx, index)
	if err != nil {
		return false, fmt.Errorf("looking up the index %s: %w", index, err)
	}
	if err := found.usable(index); err != nil {
		return false, err
	}
	if found.version() >= schemaVersion {
		return false, nil
	}
	if err := c.putTemplates(ctx, index); err != nil {
		return false, fmt.Errorf("installing the index template %s (which takes the cluster privilege manage_index_templates): %w", index, err)
	}
	if len(found) == 0 {
		return true, c.createIndex(ctx, index)
	}
	return false, c.putMappings(ctx, index)
}

// putMappings adds what an older index lacks.
func (c *cluster) putMappings(ctx context.Context, index string) error {
	put := esapi.IndicesPutMappingRequest{Index: []string{index}, Body: bytes.NewReader(mappings)}
	err := c.call(ctx, put, nil)
	switch {
	case status(err) == http.StatusBadRequest:
		return fmt.Errorf("the index %s has mappings that contradict ours, so documents in it would not be found: move them to another index, or choose another name: %w", index, err)
	case err != nil:
		return fmt.Errorf("bringing the mappings of the index %s up to date: %w", index, err)
	}
	return nil
}

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

func (c *cluster) putTemplates(ctx context.Context, index string) error {
	meta := map[string]any{"managed_by": "indicatord", "description": "Threat indicators of indicatord."}
	component := encode(map[string]any{
		"template": map[string]any{"settings": map[string]any{"index": indexSettings}, "mappings": mappings},
		"version":  schemaVersion,
		"_meta":    meta,
	})
	err := c.call(ctx, esapi.ClusterPutComponentTemplateRequest{Name: componentName(index), Body: component}, nil)
	if err != nil {
		return err
	}
	template := map[string]any{
		"index_patterns": []string{index},
		"priority":       500, // above the templates that Elasticsearch brings for logs-*
		"composed_of":    []string{componentName(index), customName(index)},
		"version":        schemaVersion,
		"_meta":          meta,
	}
	return c.putIndexTemplate(ctx, index, template, customName(index))
}

// createIndex makes the index. Another agent may have been faster.
func (c *cluster) createIndex(ctx context.Context, index string) error {
	err := c.call(ctx, esapi.IndicesCreateRequest{Index: index}, nil)
	var answer *answerError
	if errors.As(err, &answer) && answer.Type == "resource_already_exists_exception" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("creating the index %s: %w", index, err)
	}
	return nil
}

// encode writes JSON of what surely can be written.
func encode(v any) *bytes.Reader {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the maps of this file, not data
	}
	return bytes.NewReader(text)
}
