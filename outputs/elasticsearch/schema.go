package elasticsearch

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"
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
// with what another has set up. It returns what the name stands for then, and
// whether it had to make the index.
func (c *cluster) ensureSchema(ctx context.Context, index string) (found holdings, made bool, err error) {
	found, err = c.lookUp(ctx, index)
	if err != nil {
		return nil, false, fmt.Errorf("looking up the index %s: %w", index, err)
	}
	if found.usable(index) == nil && found.version(index) >= schemaVersion {
		return found, false, nil
	}
	return c.installSchema(ctx, index, found)
}

// installSchema puts the templates, and makes the index or brings what was found
// in its place up to date. It returns what [cluster.ensureSchema] does.
func (c *cluster) installSchema(ctx context.Context, index string, found holdings) (holdings, bool, error) {
	if err := found.usable(index); err != nil {
		return nil, false, err
	}
	if err := c.putTemplates(ctx, index); err != nil {
		return nil, false, fmt.Errorf("installing the index template %s (which takes the cluster privilege manage_index_templates): %w", index, err)
	}
	if len(found) > 0 {
		return found, false, c.putMappings(ctx, index, true)
	}
	found, err := c.createIndex(ctx, index)
	if err == nil && found.version(index) < schemaVersion && !c.rehearsed() {
		// A template of a higher priority than ours has made it otherwise.
		err = c.putMappings(ctx, index, true)
	}
	return found, err == nil, err
}

// putMappings adds what an older index lacks. Behind an alias, the indices that are
// not written to may be anybody's.
func (c *cluster) putMappings(ctx context.Context, index string, writeIndexOnly bool) error {
	put := esapi.IndicesPutMappingRequest{Index: []string{index}, Body: bytes.NewReader(mappings), WriteIndexOnly: &writeIndexOnly}
	err := c.call(ctx, put, nil)
	switch {
	case status(err) == http.StatusBadRequest:
		return fmt.Errorf("the index %s has mappings that contradict ours, so documents in it would not be found: move them to another index, or choose another name: %w", index, err)
	case err != nil:
		return fmt.Errorf("bringing the mappings of the index %s up to date: %w", index, err)
	}
	return nil
}

// putTemplates puts the templates of the index.
func (c *cluster) putTemplates(ctx context.Context, index string) error {
	return c.putTemplatesFor(ctx, index, patternsOf(index), nil, nil)
}

// putTemplatesFor puts the templates for the patterns. Settings of an index and
// parts of the index template may be given beside ours.
func (c *cluster) putTemplatesFor(ctx context.Context, name string, patterns []string, settings, parts map[string]any) error {
	meta := map[string]any{"managed_by": "indicatord", "description": "Threat indicators of indicatord."}
	all := maps.Clone(indexSettings)
	maps.Copy(all, settings)
	component := encode(map[string]any{
		"template": map[string]any{"settings": map[string]any{"index": all}, "mappings": mappings},
		"version":  schemaVersion,
		"_meta":    meta,
	})
	err := c.call(ctx, esapi.ClusterPutComponentTemplateRequest{Name: componentName(name), Body: component}, nil)
	if err != nil {
		return err
	}
	template := map[string]any{
		"index_patterns": patterns,
		"priority":       500, // above the templates that Elasticsearch brings for logs-*
		"composed_of":    []string{componentName(name), customName(name)},
		"version":        schemaVersion,
		"_meta":          meta,
	}
	maps.Copy(template, parts)
	return c.putIndexTemplate(ctx, name, template, customName(name))
}

// encode writes JSON of what surely can be written.
func encode(v any) *bytes.Reader {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the maps of this file, not data
	}
	return bytes.NewReader(text)
}
