package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/indicator"
)

// canonAnswer is what "canon" prints of a value that has a canonical form.
type canonAnswer struct {
	keyAnswer
	// Scope and Port are there where the value itself says them.
	Scope indicator.Scope `json:"scope,omitzero"`
	Port  uint16          `json:"port,omitempty"`
	// Notes say what changed in meaning.
	Notes []string `json:"notes,omitempty"`
}

// canonReject is what it prints of any other value.
type canonReject struct {
	Reject indicator.Code `json:"reject"`
	Detail string         `json:"detail"`
}

func newCanonCommand() *cobra.Command {
	var options indicator.Options
	cmd := &cobra.Command{
		Use:   "canon {KIND VALUE | -}",
		Short: "Show the canonical form of a value",
		Long: `Canon prints the one form in which a value is stored, compared and delivered, or
the reason why it would not be taken. A range of addresses gives one line for each
prefix that it takes to cover it. With - it reads lines of a kind, a tab and a
value from standard input.

The kinds are ` + kindNames() + `.

The exit status is 1 where a value would not be taken.`,
		Example: `  indicatord canon domain WWW.Bad.Example.
  indicatord canon --refang url 'hxxps://bad[.]example/x'
  printf 'ip\t203.0.113.7\n' | indicatord canon -`,
		Args:              canonArgs,
		ValidArgsFunction: completeKind,
		RunE: func(cmd *cobra.Command, args []string) error {
			out := bufio.NewWriterSize(cmd.OutOrStdout(), outputBuffer)
			p := canonPrinter{options: options, encoder: newEncoder(out)}
			var err error
			if len(args) == 1 {
				endOnSignal()
				err = eachLine(cmd.InOrStdin(), out, p.printLine)
			} else {
				err = p.print(args[0], args[1])
			}
			if err := errors.Join(err, out.Flush()); err != nil {
				return err
			}
			if p.rejected {
				return exitSilently(statusFailed)
			}
			return nil
		},
	}
	refangFlag(cmd.Flags(), &options)
	return cmd
}

func canonArgs(_ *cobra.Command, args []string) error {
	if len(args) == 2 || slices.Equal(args, []string{"-"}) {
		return nil
	}
	return errors.New("want a kind and a value, or - alone for standard input")
}

func completeKind(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	if len(args) == 0 {
		for _, kind := range indicator.Kinds() {
			names = append(names, kind.String())
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func kindNames() string {
	var names []string
	for _, kind := range indicator.Kinds() {
		names = append(names, kind.String())
	}
	return strings.Join(names, ", ")
}

// canonPrinter prints the answer for one value after the other.
type canonPrinter struct {
	options  indicator.Options
	encoder  *json.Encoder
	rejected bool // a value was rejected
}

// printLine answers a line of standard input.
func (p *canonPrinter) printLine(line string) error {
	kind, value, ok := strings.Cut(line, "\t")
	if !ok {
		return p.reject(&indicator.Reject{Code: indicator.CodeUnknownKind, Detail: "the line has no tab after its kind"})
	}
	return p.print(kind, value)
}

func (p *canonPrinter) print(kindName, value string) error {
	kind, err := indicator.ParseKind(kindName)
	if err != nil {
		return p.reject(&indicator.Reject{Code: indicator.CodeUnknownKind, Detail: fmt.Sprintf("%v: want one of %s", err, kindNames())})
	}
	canonical, err := p.options.Canon(kind, value)
	if err != nil {
		return p.reject(err)
	}
	for key := range canonical.Keys() {
		if err := p.encoder.Encode(answerKey(key, canonical)); err != nil {
			return err
		}
	}
	return nil
}

func answerKey(key indicator.Key, c indicator.Canonical) canonAnswer {
	return canonAnswer{
		keyAnswer: keyAnswer{key.Kind, key.Value},
		Scope:     c.Scope, Port: c.Port, Notes: c.Notes.Words(),
	}
}

// reject prints why a value has no canonical form.
func (p *canonPrinter) reject(cause error) error {
	p.rejected = true
	var reject *indicator.Reject
	if !errors.As(cause, &reject) {
		return cause
	}
	return p.encoder.Encode(canonReject{reject.Code, explain(reject.Code, reject.Detail)})
}
