package main

import (
	"bytes"
	"strings"
	"testing"
)

// command runs a command line on the line's configuration, as an operator does,
// and returns what it prints and its exit status.
func (l *line) command(args ...string) (text string, status int) {
	l.t.Helper()
	var out bytes.Buffer
	root := newRootCommand()
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append([]string{"--config", l.path("site.yaml")}, args...))
	status = execute(l.t.Context(), root, &out)
	return out.String(), status
}

func (l *line) wantCommand(status int, want string, args ...string) string {
	l.t.Helper()
	text, got := l.command(args...)
	if got != status || !strings.Contains(text, want) {
		l.t.Errorf("%s ended with %d, want %d and %q:\n%s", strings.Join(args, " "), got, status, want, text)
	}
	return text
}

// TestFortyPercentVanish, and the list holds until somebody approves.
func TestFortyPercentVanish(t *testing.T) {
	l := newLineOf(t, 200)
	for n := range 100 {
		l.put(addressObject(n, 0, ""))
	}
	c := l.load()
	if err := l.once(c); err != nil {
		t.Fatal(err)
	}
	l.wantCommand(0, "to add: 0, to update: 0, to remove: 0", "plan", "list")
	for n := 60; n < 100; n++ {
		l.put(addressObject(n, 1, `,"revoked":true`))
	}
	if err := l.once(c); err == nil || !strings.Contains(err.Error(), "held: it would add 0, update 0 and remove 40 of 100 entries") {
		t.Errorf("the round ends with %v", err)
	}
	if got := l.read("list.txt"); got != addresses(100) {
		t.Errorf("the list has become:\n%s", got)
	}
	status := l.wantCommand(0, "! output/list, held", "status")
	_, digest, _ := strings.Cut(status, "--change ")
	digest, _, _ = strings.Cut(digest, `"`)
	plan := l.wantCommand(2, "to remove: 40", "plan", "list", "--limit", "3")
	if n := strings.Count(plan, "remove   ip"); n != 3 || !strings.Contains(plan, "revoked") {
		t.Errorf("the plan shows %d lines of 3:\n%s", n, plan)
	}
	if want := "held       at most 20 may be removed or shrunk at once (change " + digest + ")"; !strings.Contains(plan, want) {
		t.Errorf("the plan does not say %q:\n%s", want, plan)
	}
	l.wantCommand(2, `,"change":"`+digest+`"}`, "plan", "list", "--json")
	// Of an output that nothing would happen to there is nothing to say.
	whole := l.wantCommand(2, "output list:", "plan", "--limit", "3")
	if strings.Contains(whole, "output documents:") || strings.Count(whole, "to remove: 40") != 1 {
		t.Errorf("the plan of all outputs is:\n%s", whole)
	}
	l.wantCommand(1, "is held no more", "approve", "list", "--change", "0000000000000000")
	l.wantCommand(0, "stays out", "reject", "list", "--reason", "the hub is being restored")
	if err := l.once(c); err == nil {
		t.Error("a rejected change went through")
	}
	l.wantCommand(0, "goes through", "approve", "list", "--change", digest)
	if err := l.once(c); err != nil {
		t.Error(err)
	}
	if got := l.read("list.txt"); got != addresses(60) {
		t.Errorf("after it was approved the list is:\n%s", got)
	}
	audit := l.wantCommand(0, "delivered output/list: approved", "audit")
	for _, want := range []string{"delivered output/list", "reject output/list: the hub is being restored", "approve output/list"} {
		if !strings.Contains(audit, want) {
			t.Errorf("the audit does not tell of %q:\n%s", want, audit)
		}
	}
	if text := l.wantCommand(0, "Site plant-07", "status"); strings.Contains(text, "held") && strings.Contains(text, "!") {
		t.Errorf("the alarm is still there:\n%s", text)
	}
}

// TestTheSitesOwnWord survives rounds, reaches every output, and is lifted.
func TestTheSitesOwnWord(t *testing.T) {
	l := newLine(t)
	l.put(addressObject(0, 0, ""), addressObject(1, 0, ""))
	c := l.load()
	round := func(want string) {
		t.Helper()
		if err := l.once(c); err != nil {
			t.Fatal(err)
		}
		if got := l.read("list.txt"); got != want {
			t.Errorf("the list is %q, want %q", got, want)
		}
	}
	round("5.0.0.0\n5.0.0.1\n")
	l.wantCommand(0, "takes effect at the next start", "allow", "5.0.0.1", "--reason", "our supplier", "--for", "30d")
	l.wantCommand(0, "is denied", "deny", "5.9.9.9", "--reason", "scans us")
	round("5.0.0.0\n5.9.9.9\n")
	round("5.0.0.0\n5.9.9.9\n")
	l.wantCommand(0, "allow ip 5.0.0.1, until", "overrides")
	l.wantCommand(0, "the site itself allows it", "why", "5.0.0.1")
	l.wantCommand(0, "deny: scans us", "why", "5.9.9.9")
	l.wantCommand(0, "again what the sources say", "lift", "5.0.0.1")
	l.wantCommand(0, "again what the sources say", "lift", "5.9.9.9")
	round("5.0.0.0\n5.0.0.1\n")
	l.wantCommand(1, "reason", "allow", "5.0.0.1")
	l.wantCommand(2, "--for", "allow", "5.0.0.1", "--reason", "x", "--for", "soon")
}

func TestWhatIf(t *testing.T) {
	l := newLine(t)
	l.put(addressObject(0, 0, `,"confidence":90`), addressObject(1, 0, `,"confidence":10`))
	if err := l.once(l.load()); err != nil {
		t.Fatal(err)
	}
	l.wantCommand(2, "remove   ip 5.0.0.1   confidence", "what-if", "list", "--select", "{min_confidence: 50}")
	l.wantCommand(0, "to remove: 0", "plan", "list")
	l.wantCommand(1, `unknown key "confidence"`, "what-if", "list", "--select", "{confidence: 50}")
	l.wantCommand(1, `no output named "nothing"`, "plan", "nothing")
}

func TestPausedOutputsStandStill(t *testing.T) {
	l := newLine(t)
	l.put(addressObject(0, 0, ""))
	c := l.load()
	if err := l.once(c); err != nil {
		t.Fatal(err)
	}
	l.wantCommand(0, "output/list stands still", "pause", "--output", "list", "--for", "2h", "--reason", "firmware upgrade")
	l.put(addressObject(1, 0, ""))
	if err := l.once(c); err == nil || !strings.Contains(err.Error(), "firmware upgrade") {
		t.Errorf("the round ends with %v", err)
	}
	if got := l.read("list.txt"); got != addresses(1) {
		t.Errorf("the list has become %q", got)
	}
	l.wantCommand(0, "! output/list, paused", "status")
	l.wantCommand(0, "output/list goes on", "resume", "--output", "list")
	if err := l.once(c); err != nil {
		t.Error(err)
	}
	if got := l.read("list.txt"); got != addresses(2) {
		t.Errorf("the list is %q", got)
	}
}
