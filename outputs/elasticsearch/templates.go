package elasticsearch

import (
	"context"
	"maps"
	"net/http"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// ignoreMissing is the field of an index template that names component templates
// that need not be there. Elasticsearch knows it since 8.7, OpenSearch does not.
const ignoreMissing = "ignore_missing_component_templates"

// putIndexTemplate installs an index template that is composed of one component
// template that need not be there. Where the cluster cannot be told so, that one
// is made, empty, unless it is there.
func (c *cluster) putIndexTemplate(ctx context.Context, name string, template map[string]any, optional string) error {
	if c.flavor != OpenSearch {
		lenient := maps.Clone(template)
		lenient[ignoreMissing] = []string{optional}
		err := c.call(ctx, esapi.IndicesPutIndexTemplateRequest{Name: name, Body: encode(lenient)}, nil)
		if status(err) != http.StatusBadRequest || !strings.Contains(err.Error(), ignoreMissing) {
			return err
		}
	}
	if err := c.ensureComponent(ctx, optional); err != nil {
		return err
	}
	return c.call(ctx, esapi.IndicesPutIndexTemplateRequest{Name: name, Body: encode(template)}, nil)
}

// ensureComponent makes an empty component template where there is none.
func (c *cluster) ensureComponent(ctx context.Context, name string) error {
	err := c.call(ctx, esapi.ClusterGetComponentTemplateRequest{Name: []string{name}}, nil)
	if status(err) != http.StatusNotFound {
		return err
	}
	create := true // somebody may make it in this moment
	return c.call(ctx, esapi.ClusterPutComponentTemplateRequest{
		Name: name, Create: &create, Body: encode(map[string]any{"template": map[string]any{}}),
	}, nil)
}
