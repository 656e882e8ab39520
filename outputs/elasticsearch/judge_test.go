package elasticsearch

import (
	"strings"
	"testing"
)

// A block is told with what lifts it, and anything else without.
func TestRemedy(t *testing.T) {
	for _, tt := range []struct{ kind, reason, want string }{
		{blocked, "index [x] blocked by: [FORBIDDEN/5/index read-only (api)];", "index.blocks.read_only to null"},
		{blocked, "index [x] blocked by: [FORBIDDEN/8/index write (api)];", "index.blocks.write to null"},
		{blocked, "blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];", "free space"},
		{blocked, "blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];", "index.blocks.read_only_allow_delete to null"},
		{blocked, "blocked by: [FORBIDDEN/13/cluster read-only / allow delete (api)];", "cluster.blocks.read_only_allow_delete to null"},
		{blocked, "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];", ""},
		{"es_rejected_execution_exception", "rejected execution [/8/]", ""},
	} {
		got := remedy(tt.kind, tt.reason)
		if !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("remedy(%s, %s) = %q, want %q", tt.kind, tt.reason, got, tt.want)
		}
	}
}
