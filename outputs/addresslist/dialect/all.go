package dialect

// All returns every dialect in the order of the documentation.
func All() []Dialect {
	return []Dialect{
		plain, cidrs,
		panOSAddresses, panOSDomains, panOSURLs,
		fortiGateAddresses, fortiGateDomains, fortiGateURLs, fortiGateHashes,
		ciscoAddresses, ciscoDomains, ciscoURLs,
		checkPoint, juniper, f5, mikroTik, huawei,
		pf, pfSense, opnSense,
		nftables, ipset,
		squidDomains, squidAddresses, haProxy, nginxGeo, nginxDeny,
		rpz, unbound, dnsmasq, hosts, hostsWindows,
		suricataStrings, suricataAddresses, suricataMD5, suricataSHA256, suricataReputation,
		zeek, snort, wazuh,
		commaSeparated, json,
	}
}
