package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy"
)

func newWhyCommand(file *string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "why VALUE",
		Short: "Explain what is known of a value, and which outputs have it",
		Long: `Why tells of an address, a prefix, a domain, a URL, an e-mail address or a hash:
which objects of which sources name it or cover it, since when and until when,
what each output makes of it and why, and what was rejected of it. It asks
nothing outside the site.`,
		Example: `  indicatord why 203.0.113.7
  indicatord why update.example.com --json`,
		Args: whyArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(*file, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			var x admin.Explanation
			live, err := ask(cmd.Context(), c,
				func(client *admin.Client) error { x, err = client.Why(cmd.Context(), args[0]); return err },
				func(i admin.Inspector) error { x, err = i.Why(cmd.Context(), args[0]); return err })
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), x)
			}
			printExplanation(cmd.OutOrStdout(), &x, live)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func whyArgs(_ *cobra.Command, args []string) error {
	if len(args) != 1 || strings.TrimSpace(args[0]) == "" {
		return errors.New("want one value: an address, a prefix, a domain, a URL, an e-mail address or a hash")
	}
	return nil
}

func printExplanation(w io.Writer, x *admin.Explanation, live bool) {
	for i := range x.Entries {
		printEntry(w, x, &x.Entries[i])
	}
	for _, r := range x.Rejects {
		fmt.Fprintf(w, "Rejected (%s) on %s: %s said %q in %s. %s\n", r.Code, day(r.At), r.Source, printable(r.Value), printable(r.ObjectID), printable(r.Detail))
	}
	if len(x.Entries) == 0 && len(x.Rejects) == 0 {
		fmt.Fprintf(w, "Nothing is known of %q here, and no output has it.\n", printable(x.Value))
	}
	if len(x.Entries) == 0 && x.Unusable != "" {
		fmt.Fprintf(w, "As an address or a domain it could not be used: %s\n", printable(x.Unusable))
	}
	fmt.Fprintf(w, "(%s)\n", answeredBy(live))
}

func printEntry(w io.Writer, x *admin.Explanation, e *admin.EntryExplanation) {
	covers := ""
	if e.Covers {
		covers = fmt.Sprintf(", which covers %s", printable(x.Value))
	}
	fmt.Fprintf(w, "%s %s%s\n", e.Kind, printable(e.Value), covers)
	fmt.Fprintf(w, "  known here since %s, last changed %s\n", day(e.FirstSeen), day(e.Changed))
	for i := range e.Assertions {
		printAssertion(w, x.Time, &e.Assertions[i])
	}
	for i := range e.Outputs {
		printOutput(w, e, &e.Outputs[i])
	}
	fmt.Fprintln(w)
}

// threats are the names, each with its type and its marking where those are
// known.
func threats(all []indicator.Threat) string {
	words := make([]string, len(all))
	for i, t := range all {
		words[i] = t.Name
		var details []string
		if t.Type != "" {
			details = append(details, t.Type)
		}
		if t.TLP != indicator.TLPUnmarked {
			details = append(details, "TLP "+t.TLP.String())
		}
		if len(details) > 0 {
			words[i] += " (" + strings.Join(details, ", ") + ")"
		}
	}
	return strings.Join(words, ", ")
}

func printAssertion(w io.Writer, now time.Time, a *admin.AssertionExplanation) {
	name := ""
	if a.Object != nil {
		name = a.Object.Name
	}
	fmt.Fprintf(w, "\n  %s says: %s\n", a.Source, printable(orElse(name, "(no name)")))
	if a.Object != nil {
		fmt.Fprintf(w, "    object      %s, version of %s%s\n", printable(a.Object.ID), day(a.Version), ended(a.State))
		printText(w, "types", strings.Join(a.Object.Types, ", "))
		printText(w, "threats", threats(a.Object.Threats))
		printText(w, "labels", strings.Join(a.Object.Labels, ", "))
		printText(w, "description", a.Object.Description)
		for _, r := range a.Object.References {
			printText(w, "reference", strings.TrimSpace(r.Source+" "+r.ExternalID+" "+r.URL))
		}
		printText(w, "not reduced", strings.Join(a.Object.Remainder, ", "))
		printText(w, "notes", strings.Join(a.Object.Notes, ", "))
	}
	fmt.Fprintf(w, "    valid       %s\n", validity(now, a))
	fmt.Fprintf(w, "    confidence  %s, TLP %s, direction %s, %s", confidence(a.Confidence), orElse(a.TLP.String(), "unmarked"), a.Direction, a.Exactness)
	if a.Scope == indicator.ScopeSubdomains {
		fmt.Fprint(w, ", with subdomains")
	}
	fmt.Fprintln(w)
}

func printText(w io.Writer, name, text string) {
	if text != "" {
		fmt.Fprintf(w, "    %-11s %s\n", name, printable(text))
	}
}

func printOutput(w io.Writer, e *admin.EntryExplanation, o *admin.OutputExplanation) {
	fmt.Fprintf(w, "\n  output %s: ", o.Output)
	switch {
	case o.Holding != nil && o.Holding.Refused != "":
		fmt.Fprintf(w, "the tool refused it on %s: %s\n", day(o.Holding.Since), printable(o.Holding.Refused))
	case o.InView && o.Holding != nil:
		fmt.Fprintf(w, "has it since %s\n", day(o.Holding.Since))
	case o.InView:
		fmt.Fprintln(w, "should have it, and is not delivered yet")
	case o.Holding != nil:
		fmt.Fprintf(w, "has it since %s, and should not any more\n", day(o.Holding.Since))
	default:
		fmt.Fprintln(w, "does not have it")
	}
	if o.Protected != "" {
		fmt.Fprintf(w, "    %s\n", printable(o.Protected))
	}
	for i, v := range o.Verdicts {
		if v != policy.Passes {
			fmt.Fprintf(w, "    what %s says is left out: %s\n", e.Assertions[i].Source, v.Sentence())
		}
	}
}

func ended(s indicator.State) string {
	if s == indicator.Live {
		return ""
	}
	return ", " + s.String()
}

func confidence(c *indicator.Confidence) string {
	if c == nil {
		return "not stated"
	}
	return fmt.Sprintf("%d (%s)", *c, strings.ToLower(c.Word()))
}

func validity(now time.Time, a *admin.AssertionExplanation) string {
	from := "from " + day(a.ValidFrom)
	if a.ValidUntil.IsZero() {
		return from + ", without an end"
	}
	by := map[indicator.End]string{
		indicator.EndHub:      "as the source says",
		indicator.EndLifetime: "by the lifetime set here, for the source gives no end",
		indicator.EndCeiling:  "by the lifetime set here, before the end that the source gives",
	}[a.End]
	over := ""
	if !now.Before(a.ValidUntil) {
		over = " (over)"
	}
	return fmt.Sprintf("%s until %s%s, %s", from, day(a.ValidUntil), over, by)
}

func day(t time.Time) string {
	if t.IsZero() {
		return "an unknown time"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// printable keeps what a hub wrote from moving the cursor of a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, text)
}
