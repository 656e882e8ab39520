package neverblock_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/neverblock"
	"github.com/indicatord/indicatord/internal/plugin"
)

func TestDefaultIsRight(t *testing.T) {
	b := neverblock.Default()
	if err := b.Validate(); err != nil || !b.Discover || b.Options().MaxPieces != 64 {
		t.Errorf("%+v: %v", b, err)
	}
}

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		name, field string
		change      func(*neverblock.Block)
	}{
		{"everything", "", func(b *neverblock.Block) {
			b.Except, b.Prefixes, b.Domains = []string{"top-domains"}, []string{"10.20.0.0/16", "192.0.2.1-192.0.2.9"}, []string{".plant.example.cn", "cn", "scada"}
			b.Files, b.Warninglists, b.MaxPieces = []string{"/etc/indicatord/plant.txt"}, "/srv/warninglists", 1
		}},
		{"a set that is not there", "except.1", func(b *neverblock.Block) { b.Except = []string{"reserved", "top-domain"} }},
		{"a name among prefixes", "prefixes.0", func(b *neverblock.Block) { b.Prefixes = []string{"example.org"} }},
		{"no prefix", "prefixes.0", func(b *neverblock.Block) { b.Prefixes = []string{"10.0.0.0/33"} }},
		{"an address among domains", "domains.0", func(b *neverblock.Block) { b.Domains = []string{"10.0.0.1"} }},
		{"a URL", "domains.0", func(b *neverblock.Block) { b.Domains = []string{"https://example.org/"} }},
		{"a path from nowhere", "files.0", func(b *neverblock.Block) { b.Files = []string{"plant.txt"} }},
		{"a folder from nowhere", "warninglists", func(b *neverblock.Block) { b.Warninglists = "lists" }},
		{"no pieces", "max_pieces", func(b *neverblock.Block) { b.MaxPieces = 0 }},
		{"no width", "widest_ipv4", func(b *neverblock.Block) { b.WidestIPv4 = 0 }},
		{"more than an address", "widest_ipv6", func(b *neverblock.Block) { b.WidestIPv6 = 129 }},
		{"too many pieces", "max_pieces", func(b *neverblock.Block) { b.MaxPieces = 4097 }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := neverblock.Default()
			tc.change(&b)
			err := b.Validate()
			if tc.field == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			at, ok := errors.AsType[*plugin.FieldError](err)
			if !ok || at.Path != tc.field {
				t.Errorf("the error is %v, want one of %s", err, tc.field)
			}
		})
	}
}

func TestValidateNamesTheSets(t *testing.T) {
	b := neverblock.Default()
	b.Except = []string{"rfc1918"}
	if err := b.Validate(); err == nil || !strings.Contains(err.Error(), "captive-portals, certificate-revocation, empty-files") {
		t.Errorf("it says %v", err)
	}
}
