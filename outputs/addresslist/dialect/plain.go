package dialect

var plain = Dialect{
	Name:      "plain",
	Reader:    "anything that reads one value a line",
	Source:    "no reader's own: the canonical values as they are",
	Kinds:     matchable,
	Addresses: AnyAddress,
	Line:      value,
}

var cidrs = Dialect{
	Name:      "cidr",
	Reader:    "anything that reads prefixes and wants the length of each",
	Source:    "RFC 4632, section 3.1, and RFC 5952",
	Kinds:     onlyIP,
	Addresses: AnyAddress,
	Comment:   "#",
	Line:      withLength,
}
