package lifetest

import "fmt"

// value is one of the few values that the histories are about: few, so that
// objects and sources often meet in one.
type value struct {
	// key is the kind and the canonical form.
	key string
	// spelled is how a pattern writes it, at path.
	path, spelled string
	// wild stands for every name below a domain too.
	wild bool
	// subset asks for a range of addresses.
	subset bool
	// object is the type of the observable, "" for one that no traffic goes to.
	object string
}

var values = []value{
	{key: "domain a.example", path: "domain-name:value", spelled: "a.example", object: "domain-name"},
	{key: "domain a.example", path: "domain-name:value", spelled: "*.a.example", wild: true},
	{key: "domain b.example", path: "domain-name:value", spelled: "B.Example.", object: "domain-name"},
	{key: "ip 45.9.1.2", path: "ipv4-addr:value", spelled: "45.9.1.2", object: "ipv4-addr"},
	{key: "ip 45.9.1.0/24", path: "ipv4-addr:value", spelled: "45.9.1.0/24", subset: true},
	{key: "url http://a.example/x", path: "url:value", spelled: "http://a.example/x"},
	{
		key: "sha256 aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f", path: "file:hashes.'SHA-256'",
		spelled: "AEC070645FE53EE3B3763059376134F058CC337247C978ADD178B6CCDFB0019F",
	},
}

// term is one comparison of a pattern.
type term struct {
	value value
	// way is "to" or "from" where the pattern says which way the traffic goes.
	way string
}

// comparison writes the term in the pattern language.
func (t term) comparison() string {
	end := map[string]string{"to": "dst_ref", "from": "src_ref"}[t.way]
	switch {
	case end != "":
		return fmt.Sprintf("network-traffic:%[1]s.type = '%[2]s' AND network-traffic:%[1]s.value = '%[3]s'", end, t.value.object, t.value.spelled)
	case t.value.subset:
		return fmt.Sprintf("%s ISSUBSET '%s'", t.value.path, t.value.spelled)
	}
	return fmt.Sprintf("%s = '%s'", t.value.path, t.value.spelled)
}
