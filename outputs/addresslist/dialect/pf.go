package dialect

const pfNote = "A table is loaded beside the old one, so the limit is half of what the packet filter holds; other tables count too."

// pfTable is a file for a table of the packet filter.
func pfTable(name, reader, source string, entries int) Dialect {
	return Dialect{
		Name:      name,
		Reader:    reader,
		Source:    source,
		Note:      pfNote,
		Kinds:     onlyIP,
		Addresses: AnyAddress,
		Limits:    Limits{Entries: entries},
		Comment:   "#",
		Line:      value,
	}
}

var (
	pf = pfTable("pf", "pf, file of a table (`pfctl -t NAME -T replace -f FILE`)",
		"pf.conf(5) of FreeBSD: `set limit table-entries` is 200,000", 100_000)
	pfSense = pfTable("pfsense", "pfSense, alias of the type URL Table",
		"pfSense documentation, aliases: Firewall Maximum Table Entries is 400,000", 200_000)
	opnSense = pfTable("opnsense", "OPNsense, alias of the type URL Table (IPs)",
		"OPNsense documentation, aliases: the maximum of table entries is 1,000,000", 500_000)
)
