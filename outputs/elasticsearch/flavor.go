package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
)

// Flavor is the product that a cluster runs.
type Flavor string

// The flavors. OpenSearch is what became of Elasticsearch 7.10 elsewhere.
const (
	Elasticsearch Flavor = "elasticsearch"
	OpenSearch    Flavor = "opensearch"
)

func (f Flavor) validate() error {
	if f == Elasticsearch || f == OpenSearch {
		return nil
	}
	return fmt.Errorf("%q is unknown: want %s or %s", string(f), Elasticsearch, OpenSearch)
}

// productHeader is in every answer of Elasticsearch since 7.14, and in none of
// OpenSearch.
const productHeader = "X-Elastic-Product"

// genuine reports an answer that should be one of Elasticsearch and is not. Every
// answer is looked at, since another node may have given it, and the account
// needs no privilege for that. Of refusals only "not found" counts, since a
// proxy may refuse in the cluster's place.
func (c *cluster) genuine(req *http.Request, res *http.Response) error {
	tells := res.StatusCode < 300 || res.StatusCode == http.StatusNotFound
	if c.flavor == OpenSearch || !tells || res.Header.Get(productHeader) == "Elasticsearch" {
		return nil
	}
	if who, err := c.identity(req.Context()); err == nil && who.flavor() == OpenSearch {
		return plugin.Permanent(fmt.Errorf("%s is %s: set flavor: %s", httpx.RedactURL(req.URL), who, OpenSearch))
	}
	return plugin.Permanent(fmt.Errorf("%s answers, but not as Elasticsearch does: the header X-Elastic-Product is missing. Elasticsearch before 7.14 is not supported; OpenSearch needs flavor: %s; a proxy must let the header through", httpx.RedactURL(req.URL), OpenSearch))
}

// recognise makes sure, once, that a cluster that is said to be OpenSearch is.
// No header tells, so the cluster is asked.
func (c *cluster) recognise(ctx context.Context) error {
	if c.flavor != OpenSearch {
		return nil
	}
	c.recognition.Lock()
	defer c.recognition.Unlock()
	if c.recognised {
		return nil
	}
	who, err := c.identity(ctx)
	if err != nil {
		return fmt.Errorf("asking the cluster whether it is OpenSearch (which takes the permission cluster:monitor/main): %w", err)
	}
	if who.flavor() != OpenSearch {
		return plugin.Permanent(fmt.Errorf("the cluster is %s and not OpenSearch: leave flavor out, or set flavor: %s", who, Elasticsearch))
	}
	c.recognised = true
	return nil
}

// identity is what a cluster says of itself.
type identity struct {
	ClusterName string `json:"cluster_name"`
	Version     struct {
		Distribution string `json:"distribution"`
		Number       string `json:"number"`
	} `json:"version"`
}

func (i *identity) flavor() Flavor {
	if i.Version.Distribution == string(OpenSearch) {
		return OpenSearch
	}
	return Elasticsearch
}

// String names the product and its version.
func (i *identity) String() string {
	name := "Elasticsearch"
	if i.flavor() == OpenSearch {
		name = "OpenSearch"
	}
	return name + " " + i.Version.Number
}

// identity asks the cluster what it is, whatever that may be.
func (c *cluster) identity(ctx context.Context) (*identity, error) {
	res, err := esapi.InfoRequest{}.Do(ctx, anybody{c})
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	who := &identity{}
	if err := json.NewDecoder(res.Body).Decode(who); err != nil || who.Version.Number == "" {
		return nil, errors.New("what answers gives no version, so it is neither Elasticsearch nor OpenSearch")
	}
	return who, nil
}

// anybody is the way to whoever answers at the addresses of the cluster.
type anybody struct{ *cluster }

// Perform sends a request, as [cluster.Perform] does to the right product.
func (a anybody) Perform(req *http.Request) (*http.Response, error) {
	res, err := a.nodes.Perform(req)
	if err != nil {
		return nil, err
	}
	return success(req, res)
}
