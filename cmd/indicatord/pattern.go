package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix/pattern"
)

// patternAnswer is what "pattern" prints of one pattern.
type patternAnswer struct {
	Valid bool          `json:"valid"`
	Error *patternError `json:"error,omitempty"`
	Keys  []termAnswer  `json:"keys"`
	// Exactness is missing where the pattern is not valid.
	Exactness string           `json:"exactness,omitempty"`
	Remainder []indicator.Code `json:"remainder"`
	// Rejects are the parts behind the remainder, in the order of the pattern.
	Rejects []partReject `json:"rejects,omitempty"`
	// Lenient are the spellings that were understood beyond the language.
	Lenient []string `json:"lenient,omitempty"`
	// Notes name what was taken for what it means and not by the letter.
	Notes []indicator.Code `json:"notes,omitempty"`
}

// patternError says where a pattern leaves the language.
type patternError struct {
	// Offset counts the bytes before the place.
	Offset  int    `json:"offset"`
	Message string `json:"message"`
}

type keyAnswer struct {
	Kind  indicator.Kind `json:"kind"`
	Value string         `json:"value"`
}

// termAnswer is a key of a pattern with what the pattern says of it. What is
// plain is left out.
type termAnswer struct {
	keyAnswer
	Exactness  indicator.Exactness `json:"exactness,omitzero"` // where it is not exact
	Direction  indicator.Direction `json:"direction,omitzero"`
	Scope      indicator.Scope     `json:"scope,omitzero"`
	Port       uint16              `json:"port,omitempty"`
	ValidFrom  time.Time           `json:"valid_from,omitzero"`
	ValidUntil time.Time           `json:"valid_until,omitzero"`
	Notes      []string            `json:"notes,omitempty"`
}

func answerTerm(k *pattern.KeyTerm) termAnswer {
	return termAnswer{
		keyAnswer: keyAnswer{k.Key.Kind, k.Key.Value},
		Exactness: k.Exactness, Direction: k.Direction, Scope: k.Scope, Port: k.Port,
		ValidFrom: k.Window.From, ValidUntil: k.Window.Until, Notes: k.Notes.Words(),
	}
}

// partReject is a part of a pattern that no value can say.
type partReject struct {
	Reject indicator.Code `json:"reject"`
	Detail string         `json:"detail"`
	Part   string         `json:"part"`
}

func newPatternCommand() *cobra.Command {
	var p patternPrinter
	cmd := &cobra.Command{
		Use:   "pattern {EXPR | -}",
		Short: "Show which values stand for a STIX pattern",
		Long: `Pattern reads a STIX pattern and prints the values that stand for it, how exactly
they do, each part that no value can say with its reason code, and the lenient
spellings that were understood. With - it reads one pattern a line from standard
input and prints one line of JSON for each.

The exit status is 1 where a pattern is not valid.`,
		Example: `  indicatord pattern "[ipv4-addr:value = '203.0.113.7' OR domain-name:value = 'bad.example']"
  jq -r '.objects[].pattern // empty' bundle.json | indicatord pattern -`,
		Args: patternArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			out := bufio.NewWriterSize(cmd.OutOrStdout(), outputBuffer)
			p.encoder = newEncoder(out)
			var err error
			if args[0] == "-" {
				endOnSignal()
				err = eachLine(cmd.InOrStdin(), out, p.print)
			} else {
				err = p.print(args[0])
			}
			if err := errors.Join(err, out.Flush()); err != nil {
				return err
			}
			if p.invalid {
				return exitSilently(statusFailed)
			}
			return nil
		},
	}
	readingFlags(cmd, &p.reading, &p.reduction)
	cmd.Flags().BoolVar(&p.reading.STIX20, "stix20", false, "read the pattern language of STIX 2.0, in which START and STOP take plain strings")
	return cmd
}

func patternArgs(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want one pattern, in quotes, or - for standard input; there are %d arguments", len(args))
	}
	return nil
}

// patternPrinter prints the answer for one pattern after the other.
type patternPrinter struct {
	reading   pattern.Options
	reduction pattern.Reduction
	encoder   *json.Encoder
	invalid   bool // a pattern was not valid
}

func (p *patternPrinter) print(text string) error {
	answer := p.answer(text)
	p.invalid = p.invalid || !answer.Valid
	return p.encoder.Encode(answer)
}

func (p *patternPrinter) answer(text string) patternAnswer {
	answer := patternAnswer{Keys: []termAnswer{}, Remainder: []indicator.Code{}}
	parsed, err := pattern.Parse(text, p.reading)
	if err != nil {
		answer.Error = patternErrorOf(err)
		return answer
	}
	reduced := parsed.Reduce(p.reduction)
	for i := range reduced.Keys {
		answer.Keys = append(answer.Keys, answerTerm(&reduced.Keys[i]))
	}
	for _, r := range reduced.Refused {
		answer.Rejects = append(answer.Rejects, partReject{r.Code, explain(r.Code, r.Detail), clip(r.Text)})
	}
	answer.Valid = true
	answer.Exactness = reduced.Exactness.String()
	answer.Remainder = append(answer.Remainder, reduced.Remainder...)
	answer.Lenient = parsed.Leniencies.Names()
	answer.Notes = reduced.Notes
	return answer
}

func patternErrorOf(err error) *patternError {
	if syntax, ok := errors.AsType[*pattern.SyntaxError](err); ok {
		return &patternError{syntax.Offset, syntax.Message}
	}
	return &patternError{Message: err.Error()}
}
