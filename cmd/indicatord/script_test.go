package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/indicatord/indicatord/internal/taxiihub"
	"github.com/indicatord/indicatord/internal/taxiihub/hubtest"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata/script")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"indicatord": main})
}

// TestScripts runs the scripts of testdata/script, each of which shows a command
// as an operator sees it. $HUB is the address of a TAXII hub.
func TestScripts(t *testing.T) {
	hub := taxiihub.New(taxiihub.Options{})
	hub.Collection("91a7b528-80eb-42ed-a74d-c6fbd5a26116", "Power grid", "grid")
	url := hubtest.Start(t, hub.Handler())
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": exitsWith,
			"expand": expand,
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("HUB", url)
			return nil
		},
	})
}

// exitsWith is the script command "status N COMMAND…": the command must end with
// the status N. What it wrote is there for cmp, stdout and stderr.
func exitsWith(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND...")
	}
	err := ts.Exec(args[1], args[2:]...)
	if got := statusOf(err); got != args[0] {
		ts.Fatalf("%s ended with %s, want %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// statusOf returns the exit status that the error of an execution tells.
func statusOf(err error) string {
	if err == nil {
		return "0"
	}
	return strings.TrimPrefix(err.Error(), "exit status ")
}

// expand is the script command "expand FILE": it replaces the variables of the
// script in a file by their values.
func expand(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}
