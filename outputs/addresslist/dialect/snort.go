package dialect

var snort = Dialect{
	Name:      "snort",
	Reader:    "Snort, list of the reputation preprocessor",
	Source:    "Snort Users Manual, Reputation Preprocessor",
	Note:      "Lists that do not fit into the memory that is set for the preprocessor (`memcap`) are not loaded whole.",
	Kinds:     onlyIP,
	Addresses: AnyAddress,
	Comment:   "#",
	Line:      value,
}
