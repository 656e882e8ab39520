package admin

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
)

// ExportLine is one entry of a view, merged, as "export" writes it.
type ExportLine struct {
	Kind       indicator.Kind        `json:"kind"`
	Value      string                `json:"value"`
	Scope      string                `json:"scope,omitempty"`      // "subdomains"
	Confidence *indicator.Confidence `json:"confidence,omitempty"` // absent where unstated
	TLP        string                `json:"tlp,omitempty"`
	Direction  indicator.Direction   `json:"direction"`
	Exactness  indicator.Exactness   `json:"exactness"`
	ValidFrom  time.Time             `json:"valid_from,omitzero"`
	ValidUntil time.Time             `json:"valid_until,omitzero"`
	End        indicator.End         `json:"end"`
	Modified   time.Time             `json:"modified,omitzero"`
	FirstSeen  time.Time             `json:"first_seen"`
	Sources    []string              `json:"sources"`
	Objects    []string              `json:"objects"`
	Names      []string              `json:"names,omitempty"`
	Threats    []string              `json:"threats,omitempty"`
	Types      []string              `json:"indicator_types,omitempty"`
	Labels     []string              `json:"labels,omitempty"`
	References []indicator.Reference `json:"references,omitempty"`
	Sequence   uint64                `json:"sequence"`
}

// UnknownNameError says that the configuration has no such connector or output.
type UnknownNameError struct{ Kind, Name string }

// Error names it.
func (e *UnknownNameError) Error() string {
	return fmt.Sprintf("no %s named %q in the configuration", e.Kind, e.Name)
}

// Export yields the view of an output as it is now, in the order of keys.
func (i Inspector) Export(ctx context.Context, output string) (iter.Seq2[ExportLine, error], error) {
	o := i.findOutput(output)
	if o == nil {
		return nil, &UnknownNameError{Kind: "output", Name: output}
	}
	p, err := i.policy(ctx, o)
	if err != nil {
		return nil, err
	}
	view := pipeline.View{Store: i.Store, Policy: p, Now: i.Now()}
	return func(yield func(ExportLine, error) bool) {
		for entry, err := range view.Entries(ctx) {
			if err != nil {
				yield(ExportLine{}, err)
				return
			}
			if !yield(exportLine(&entry), nil) {
				return
			}
		}
	}, nil
}

func (i Inspector) findOutput(name string) *config.Output {
	for j := range i.Config.Outputs {
		if i.Config.Outputs[j].Name == name {
			return &i.Config.Outputs[j]
		}
	}
	return nil
}

func exportLine(e *indicator.Entry) ExportLine {
	until, end := e.ValidUntil()
	line := ExportLine{
		Kind: e.Key.Kind, Value: e.Key.Value, TLP: e.TLP().String(), Direction: e.Direction(), Exactness: e.Exactness(),
		ValidFrom: e.ValidFrom(), ValidUntil: until, End: end, Modified: e.Version(), FirstSeen: e.FirstSeen,
		Sources: e.Sources(), Objects: e.ObjectIDs(), Names: e.Names(), Threats: e.Threats(),
		Types: e.IndicatorTypes(), Labels: e.Labels(), References: e.References(), Sequence: e.Sequence,
	}
	if e.Scope() == indicator.ScopeSubdomains {
		line.Scope = e.Scope().String()
	}
	if c := e.Confidence(); c != indicator.Unstated {
		line.Confidence = &c
	}
	return line
}
