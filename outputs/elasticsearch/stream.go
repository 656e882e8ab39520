package elasticsearch

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/indicatord/indicatord/internal/ecs"
)

// ensureHistory sees to it that the data stream exists with our mappings, and
// changes nothing where that is so.
func (c *cluster) ensureHistory(ctx context.Context, s *Settings) error {
	found, err := c.lookUp(ctx, s.History.Stream)
	switch {
	case err != nil:
		return fmt.Errorf("looking up the data stream %s: %w", s.History.Stream, err)
	case found.stream() && found.lowestVersion() >= schemaVersion:
		return nil
	}
	return c.installHistory(ctx, s, io.Discard)
}

// stream reports whether all that a name stands for is a data stream.
func (h holdings) stream() bool {
	for _, index := range h {
		if index.DataStream == "" {
			return false
		}
	}
	return len(h) > 0
}

// lowestVersion is that of our mappings in the oldest index of a data stream, 0
// where one has them not.
func (h holdings) lowestVersion() int {
	lowest := math.MaxInt
	for _, index := range h {
		lowest = min(lowest, index.Mappings.Meta.Indicatord.Version)
	}
	return lowest
}

// installHistory puts what the data stream of changes is made from, and makes it.
// It says what the cluster has no means for.
func (c *cluster) installHistory(ctx context.Context, s *Settings, out io.Writer) error {
	name := s.History.Stream
	found, err := c.lookUp(ctx, name)
	if err != nil {
		return fmt.Errorf("looking up the data stream %s: %w", name, err)
	}
	if len(found) > 0 && !found.stream() && !c.rehearsed() {
		return fmt.Errorf("%s is an index and not a data stream: choose another name for history", name)
	}
	settings, err := c.putRetention(ctx, s, out)
	if err != nil {
		return err
	}
	if err := c.putTemplatesFor(ctx, name, []string{name}, settings, map[string]any{"data_stream": map[string]any{}}); err != nil {
		return fmt.Errorf("installing the index template %s (which takes the cluster privilege manage_index_templates): %w", name, err)
	}
	if len(found) > 0 && !c.rehearsed() {
		return c.putMappings(ctx, name, false)
	}
	return c.beginHistory(ctx, name)
}

// beginHistory makes the data stream by its first record, which says when the
// history begins.
func (c *cluster) beginHistory(ctx context.Context, name string) error {
	var first struct {
		Timestamp time.Time   `json:"@timestamp"`
		ECS       ecs.Version `json:"ecs"`
		Event     ecs.Event   `json:"event"`
	}
	first.Timestamp = time.Now().UTC()
	first.ECS.Version = ecs.SchemaVersion
	first.Event = ecs.Event{Kind: "event", Category: []string{"threat"}, Type: []string{"info"}, Module: ecs.Module, Dataset: historyDataset, Action: "begun"}
	err := c.call(ctx, esapi.CreateRequest{Index: name, DocumentID: "begun", Body: encode(first)}, nil)
	if err != nil && status(err) != http.StatusConflict {
		return fmt.Errorf("making the data stream %s: %w", name, err)
	}
	return nil
}

// putRetention puts the policy by which old changes are deleted, and returns the
// settings that refer to it.
func (c *cluster) putRetention(ctx context.Context, s *Settings, out io.Writer) (map[string]any, error) {
	if s.HistoryRetention == 0 {
		return nil, nil
	}
	name := s.History.Stream
	request, settings := plainRequest{http.MethodPut, "/_ilm/policy/" + name, encode(lifecycle(s.HistoryRetention))}, map[string]any{"lifecycle": map[string]any{"name": name}}
	if c.flavor == OpenSearch {
		request, settings = plainRequest{http.MethodPut, "/_plugins/_ism/policies/" + name, encode(stateManagement(name, s.HistoryRetention))}, nil
	}
	err := c.call(ctx, request, nil)
	switch status(err) {
	case http.StatusConflict: // OpenSearch has it already
		return settings, nil
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed:
		fmt.Fprintf(out, "# The cluster takes no lifecycle policy, so nothing is deleted from %s by itself: %v\n", name, err)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("installing the lifecycle policy %s (which takes the cluster privilege manage_ilm): %w", name, err)
	}
	return settings, nil
}

// portion is the time after which a new index is begun: what is deleted is always
// a whole index.
func portion(retention time.Duration) time.Duration { return max(retention/10, 24*time.Hour) }

// hours writes a time as the clusters read it.
func hours(d time.Duration) string { return fmt.Sprintf("%dh", d/time.Hour) }

// lifecycle is a policy of Elasticsearch's index lifecycle management. The age
// of an index counts from when the next one was begun.
func lifecycle(retention time.Duration) any {
	return map[string]any{"policy": map[string]any{"phases": map[string]any{
		"hot": map[string]any{"actions": map[string]any{"rollover": map[string]any{
			"max_age": hours(portion(retention)), "max_primary_shard_size": "25gb",
		}}},
		"delete": map[string]any{"min_age": hours(retention), "actions": map[string]any{"delete": map[string]any{}}},
	}}}
}

// stateManagement is a policy of OpenSearch's index state management. The age of
// an index counts from its beginning.
func stateManagement(name string, retention time.Duration) any {
	return map[string]any{"policy": map[string]any{
		"description":   "Changes of threat indicators, kept for " + hours(retention),
		"default_state": "kept",
		"states": []any{
			map[string]any{
				"name":        "kept",
				"actions":     []any{map[string]any{"rollover": map[string]any{"min_index_age": hours(portion(retention))}}},
				"transitions": []any{map[string]any{"state_name": "over", "conditions": map[string]any{"min_index_age": hours(retention + portion(retention))}}},
			},
			map[string]any{"name": "over", "actions": []any{map[string]any{"delete": map[string]any{}}}, "transitions": []any{}},
		},
		"ism_template": []any{map[string]any{"index_patterns": []string{name}, "priority": 100}},
	}}
}

func (c *cluster) rehearsed() bool { return c.report != nil && c.report.rehearsed }
