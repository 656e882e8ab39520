package list_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/neverblock/list"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

// lines writes each rule as "kind value # reason".
func lines(rules []guard.Rule) []string {
	var written []string
	for _, r := range rules {
		written = append(written, fmt.Sprintf("%s %s # %s", r.Key.Kind, r.String(), r.Reason))
	}
	return written
}

func TestRead(t *testing.T) {
	const text = "\ufeff# The control centre.\n" +
		"# version: 4\n" +
		"# Source: the network plan\n" +
		"# purpose: the dispatcher loses sight: at once\n" +
		"# note: of no meaning\n" +
		"\n" +
		"10.20.0.0/16 # the control system\r\n" +
		"  192.0.2.7\n" +
		"192.0.2.8-192.0.2.10 # three servers\n" +
		"2001:db8::/32\t# IPv6\n" +
		"plant.example.cn # the site itself\n" +
		".scada.example.cn # and all below\n" +
		"*.Corp.Example.CN\n" +
		"D41D8CD98F00B204E9800998ECF8427E # the empty file\n" +
		"# name: too late\n"
	rules, err := list.Read("/etc/indicatord/control.txt", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"ip 10.20.0.0/16 # the control system",
		"ip 192.0.2.7 # ",
		"ip 192.0.2.8/31 # three servers",
		"ip 192.0.2.10 # three servers",
		"ip 2001:db8::/32 # IPv6",
		"domain plant.example.cn # the site itself",
		"domain .scada.example.cn # and all below",
		"domain .corp.example.cn # ",
		"md5 d41d8cd98f00b204e9800998ecf8427e # the empty file",
	}
	if diff := cmp.Diff(want, lines(rules)); diff != "" {
		t.Error(diff)
	}
	of := guard.List{Name: "control", Version: "4", Source: "the network plan", Purpose: "the dispatcher loses sight: at once"}
	if diff := cmp.Diff(of, *rules[0].List); diff != "" {
		t.Error(diff)
	}
}

func TestReadTellsTheLinesThatAreWrong(t *testing.T) {
	rules, err := list.Read("site.txt", []byte("10.0.0.0/8\n010.0.0.1\n\nhttps://example.org/ # a URL\nexample.org\n"))
	if diff := cmp.Diff([]string{"ip 10.0.0.0/8 # ", "domain example.org # "}, lines(rules)); diff != "" {
		t.Error(diff)
	}
	if err == nil || !strings.Contains(err.Error(), "site.txt:2: ") || !strings.Contains(err.Error(), "site.txt:4: ") {
		t.Errorf("it says %v", err)
	}
	at, ok := errors.AsType[*list.LineError](err)
	if !ok || at.Line != 2 || at.File != "site.txt" {
		t.Errorf("the first is %+v", at)
	}
	if reject, ok := errors.AsType[*indicator.Reject](err); !ok || reject.Code != indicator.CodeAmbiguousAddress {
		t.Errorf("its reason is %v", reject)
	}
}

func TestReadBoundsWhatItTells(t *testing.T) {
	_, err := list.Read("page.html", []byte(strings.Repeat("<p>\n", 1000)))
	if n := strings.Count(err.Error(), "\n"); n > 25 || !strings.Contains(err.Error(), "980 more lines") {
		t.Errorf("it has %d lines: %v", n, err)
	}
}

// FuzzRead holds that what is read can be written and read again.
func FuzzRead(f *testing.F) {
	f.Add("# name: x\n10.0.0.0/8 # y\n.example.org\n*.公司.cn\nd41d8cd98f00b204e9800998ecf8427e\n")
	f.Add("1.2.3.4-1.2.3.9#z\n::ffff:1.2.3.4\n")
	f.Fuzz(func(t *testing.T, text string) {
		rules, _ := list.Read("site.txt", []byte(text))
		for _, r := range rules {
			again, err := list.Read("site.txt", []byte(r.String()))
			if err != nil || len(again) != 1 || again[0].Key != r.Key || again[0].Scope != r.Scope {
				t.Fatalf("%q becomes %v (%v)", r.String(), lines(again), err)
			}
		}
	})
}
