package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix/pattern"
)

// patternAnswer is what "pattern" prints of one pattern.
type patternAnswer struct {
	Valid bool          `json:"valid"`
	Error *patternError `json:"error,omitempty"`
	Keys  []keyAnswer   `json:"keys"`
	// Exactness is missing where the pattern is not valid.
	Exactness string           `json:"exactness,omitempty"`
	Remainder []indicator.Code `json:"remainder"`
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

func newPatternCommand() *cobra.Command {
	var reduction pattern.Reduction
	cmd := &cobra.Command{
		Use:   "pattern {EXPR | -}",
		Short: "Show which values stand for a STIX pattern",
		Long: `Pattern reads a STIX pattern and prints the values that stand for it, how exactly
they do, and the reason codes of what no value can say. With - it reads one
pattern a line from standard input and prints one line of JSON for each.

The exit status is 1 where a pattern is not valid.`,
		Example: `  indicatord pattern "[ipv4-addr:value = '203.0.113.7' OR domain-name:value = 'bad.example']"
  jq -r '.objects[].pattern // empty' bundle.json | indicatord pattern -`,
		Args: patternArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			out := bufio.NewWriterSize(cmd.OutOrStdout(), outputBuffer)
			p := patternPrinter{reduction: reduction, encoder: newEncoder(out)}
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
	refangFlag(cmd.Flags(), &reduction.Canon)
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
	reduction pattern.Reduction
	encoder   *json.Encoder
	invalid   bool // a pattern was not valid
}

func (p *patternPrinter) print(text string) error {
	answer := answerPattern(text, p.reduction)
	p.invalid = p.invalid || !answer.Valid
	return p.encoder.Encode(answer)
}

func answerPattern(text string, reduction pattern.Reduction) patternAnswer {
	answer := patternAnswer{Keys: []keyAnswer{}, Remainder: []indicator.Code{}}
	parsed, err := pattern.Parse(text, pattern.Options{})
	if err != nil {
		answer.Error = patternErrorOf(err)
		return answer
	}
	reduced := parsed.Reduce(reduction)
	for _, term := range reduced.Keys {
		answer.Keys = append(answer.Keys, keyAnswer{term.Key.Kind, term.Key.Value})
	}
	answer.Valid = true
	answer.Exactness = reduced.Exactness.String()
	answer.Remainder = append(answer.Remainder, reduced.Remainder...)
	return answer
}

func patternErrorOf(err error) *patternError {
	if syntax, ok := errors.AsType[*pattern.SyntaxError](err); ok {
		return &patternError{syntax.Offset, syntax.Message}
	}
	return &patternError{Message: err.Error()}
}
