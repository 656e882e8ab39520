package ecs

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

const (
	// SchemaVersion is ecs.version: the version of the schema that documents keep to.
	SchemaVersion = "8.17.0"

	tlpVersion = "2.0"

	// Module is event.module. Elastic's rules want it to begin with "ti_".
	Module = "ti_indicatord"
	// Dataset is event.dataset.
	Dataset = Module + ".indicator"
)

// tagProtected is the tag of a document about something that would not be
// enforced.
const tagProtected = "never-block"

// These are shared by all documents and never changed.
var (
	categories = []string{"threat"}
	types      = []string{"indicator"}
)

var idEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// DocumentID returns the id of the document about a key at a site: 52 characters
// that need no escaping in a URL. It depends on nothing else, so writing twice
// makes one document.
func DocumentID(site string, k indicator.Key) string {
	sum := sha256.Sum256([]byte(site + "|" + k.Kind.String() + "|" + k.Value))
	return idEncoding.EncodeToString(sum[:])
}

// Document returns the document about an entry, confirmed at now. An entry that
// has only a key gives a document that says what the key is and nothing of it.
// The document shares memory with the entry. Encoding it by its pointer is
// faster than by its value.
func Document(site string, e *indicator.Entry, now time.Time) *Doc {
	doc := &Doc{
		Timestamp: InstantOf(now),
		ECS:       Version{Version: SchemaVersion},
		Event: Event{
			Kind:     "enrichment",
			Category: categories,
			Type:     types,
			Module:   Module,
			Dataset:  Dataset,
		},
		Indicatord: Own{
			ID:        DocumentID(site, e.Key),
			Site:      site,
			Kind:      e.Key.Kind,
			FirstSeen: InstantOf(e.FirstSeen),
			Sequence:  e.Sequence,
		},
	}
	setValue(doc, e.Key)
	if len(e.Assertions) > 0 {
		setClaims(doc, e)
	}
	return doc
}

// setClaims fills in what the assertions say together.
func setClaims(doc *Doc, e *indicator.Entry) {
	sources := e.Sources()
	doc.Tags = e.Labels()
	doc.Threat.Feed = &Feed{Name: sources}

	claims := &doc.Threat.Indicator
	claims.ID = e.ObjectIDs()
	claims.Description = description(e)
	claims.Confidence = e.Confidence().Word()
	claims.Marking = marking(e.TLP())
	claims.FirstSeen = InstantOf(e.ValidFrom())
	claims.ModifiedAt = InstantOf(e.Version())
	claims.LastSeen = claims.ModifiedAt
	claims.Provider = sources
	claims.Reference = references(e)

	own := &doc.Indicatord
	own.Direction = e.Direction().String()
	own.Exactness = e.Exactness().String()
	own.Remainder = e.Remainder()
	if e.Key.Kind == indicator.Domain {
		own.Scope = e.Scope().String()
	}
	if own.Rule != nil {
		own.Rule.Text = ruleText(e)
	}
	until, end := e.ValidUntil()
	own.ValidFrom = claims.FirstSeen
	own.ValidUntil, own.ValidUntilReason = InstantOf(until), end.String()
	if c := e.Confidence(); c != indicator.Unstated {
		own.Confidence = &c
	}
	own.Sources = sources
	own.Names = e.Names()
	own.Threats = e.Threats()
	own.IndicatorTypes = e.IndicatorTypes()
	if own.Protected = e.Protected; own.Protected != "" {
		doc.Tags = append(slices.Clone(doc.Tags), tagProtected)
	}
}

// description returns that of the newest object that has one.
func description(e *indicator.Entry) string {
	var newest *indicator.Assertion
	for i := range e.Assertions {
		a := &e.Assertions[i]
		if a.Object == nil || a.Object.Description == "" {
			continue
		}
		if newest == nil || a.Version.After(newest.Version) {
			newest = a
		}
	}
	if newest == nil {
		return ""
	}
	return newest.Object.Description
}

// ruleText returns the text of a rule, which is the same in every object that
// asserts it.
func ruleText(e *indicator.Entry) string {
	for i := range e.Assertions {
		if o := e.Assertions[i].Object; o != nil && o.Pattern != "" {
			return o.Pattern
		}
	}
	return ""
}

func marking(level indicator.TLP) *Marking {
	if level == indicator.TLPUnmarked {
		return nil
	}
	return &Marking{TLP: strings.ToUpper(level.String()), TLPVersion: tlpVersion}
}

// references returns the URLs of the external references.
func references(e *indicator.Entry) []string {
	var urls []string
	for _, r := range e.References() {
		if r.URL != "" {
			urls = append(urls, r.URL)
		}
	}
	return urls
}
