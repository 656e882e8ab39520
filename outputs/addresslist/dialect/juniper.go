package dialect

var juniper = Dialect{
	Name:      "juniper",
	Reader:    "Juniper SRX, dynamic address feed",
	Source:    "Junos OS, `security dynamic-address feed-server`",
	Note:      "The device drops the list when it cannot be fetched for longer than `hold-interval`: set that to days.",
	Kinds:     onlyIP,
	Addresses: AnyAddress,
	Line:      withLength,
}
