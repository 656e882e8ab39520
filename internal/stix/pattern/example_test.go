package pattern_test

import (
	"errors"
	"fmt"

	"github.com/indicatord/indicatord/internal/stix/pattern"
)

func ExampleParse() {
	p, err := pattern.Parse("[ file:hashes.sha256='aec0' ] /* seen */", pattern.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p)
	fmt.Println(p.Leniencies)
	// Output:
	// [file:hashes.'SHA-256' = 'aec0']
	// hash-key-alias
}

func ExampleSyntaxError() {
	_, err := pattern.Parse("[ipv4-addr:value = 45.9.1.2]", pattern.Options{})
	if syntax, ok := errors.AsType[*pattern.SyntaxError](err); ok {
		fmt.Println(syntax.Code, syntax.Offset)
		fmt.Println(syntax)
	}
	// Output:
	// syntax-error 23
	// at byte 23: expected AND, OR or ']', found .1
}

func ExamplePattern_Reduce() {
	p, err := pattern.Parse("[ipv4-addr:value = '45.9.1.2'] OR [file:name LIKE 'inv%' AND file:size > 5]", pattern.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	reduced := p.Reduce(pattern.Reduction{})
	for _, k := range reduced.Keys {
		fmt.Println(k.Key, k.Exactness)
	}
	for _, r := range reduced.Refused {
		fmt.Println(r.Code, "in", r.Text)
	}
	// Output:
	// ip 45.9.1.2 exact
	// like in file:name LIKE 'inv%' AND file:size > 5
}
