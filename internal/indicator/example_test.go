package indicator_test

import (
	"errors"
	"fmt"

	"github.com/indicatord/indicatord/internal/indicator"
)

func ExampleCanon() {
	for _, value := range []string{"WWW.Bücher.example.", "*.example.net", "8.8.8.8", "http://Example.org:80"} {
		c, err := indicator.Canon(indicator.Domain, value)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%s, %s, notes %v\n", c.Key, c.Scope, c.Notes.Words())
	}
	// Output:
	// domain www.xn--bcher-kva.example, exact, notes []
	// domain example.net, subdomains, notes []
	// ip 8.8.8.8, exact, notes [retyped]
	// url http://example.org/, exact, notes [retyped]
}

func ExampleCanon_rejected() {
	_, err := indicator.Canon(indicator.IP, "012.0.0.1")
	if reject, ok := errors.AsType[*indicator.Reject](err); ok {
		fmt.Println(reject.Code)
	}
	// Output: ambiguous-address
}

func ExampleCanonical_Keys() {
	c, err := indicator.Canon(indicator.IP, "8.8.8.0-8.8.9.127")
	if err != nil {
		fmt.Println(err)
		return
	}
	for key := range c.Keys() {
		fmt.Println(key.Value)
	}
	// Output:
	// 8.8.8.0/24
	// 8.8.9.0/25
}

func ExampleRefang() {
	fmt.Println(indicator.Refang("hxxps[:]//evil[.]example[dot]com/gate"))
	// Output: https://evil.example.com/gate true
}

func ExampleDisplayDomain() {
	fmt.Println(indicator.DisplayDomain("xn--3ds31rc6jhpt.xn--fiqs8s"))
	// Output: 微步在线.中国
}
