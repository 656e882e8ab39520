package main

import (
	"testing"

	"github.com/indicatord/indicatord/internal/stix/pattern"
)

func TestExplain(t *testing.T) {
	if got := explain(pattern.CodeLike, "a detail"); got != "a detail" {
		t.Errorf("the detail is replaced by %q", got)
	}
	if got := explain(pattern.CodeLike, ""); got != "The test matches a text with wildcards (LIKE)." {
		t.Errorf("without a detail the explanation is %q", got)
	}
}
