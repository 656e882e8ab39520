package elasticsearch

import (
	"bytes"
	"fmt"
	"io"
)

// The privileges of the daemon, of the index and of the history.
var (
	indexPrivileges  = []string{"view_index_metadata", "index", "delete", "read", "maintenance"}
	streamPrivileges = []string{"view_index_metadata", "create_doc"}
)

// role is what the daemon may do in Elasticsearch once everything is set up: no
// privilege of the cluster, and of the indices only what it uses.
type role struct {
	Cluster []string         `json:"cluster"`
	Indices []indexPrivilege `json:"indices"`
}

type indexPrivilege struct {
	Names      []string `json:"names"`
	Privileges []string `json:"privileges"`
}

func (s *Settings) role() role {
	r := role{Cluster: []string{}, Indices: []indexPrivilege{{s.indexPatterns(), indexPrivileges}}}
	if s.History.Stream != "" {
		r.Indices = append(r.Indices, indexPrivilege{[]string{s.History.Stream}, streamPrivileges})
	}
	return r
}

// indexPatterns are the alias and the indices behind it.
func (s *Settings) indexPatterns() []string { return patternsOf(s.Index) }

func patternsOf(index string) []string { return []string{index, index + "-0*"} }

// openSearchRole is the same for OpenSearch, whose security plugin has other names
// for it.
type openSearchRole struct {
	Cluster []string               `json:"cluster_permissions"`
	Indices []openSearchPermission `json:"index_permissions"`
}

type openSearchPermission struct {
	Patterns []string `json:"index_patterns"`
	Actions  []string `json:"allowed_actions"`
}

func (s *Settings) openSearchRole() openSearchRole {
	r := openSearchRole{
		Cluster: []string{"cluster:monitor/main", "indices:data/write/bulk"},
		Indices: []openSearchPermission{{s.indexPatterns(), []string{
			"indices:admin/get", "indices:admin/refresh*", "index", "delete", "read",
			"indices:data/read/point_in_time/create", "indices:data/read/point_in_time/delete",
		}}},
	}
	if s.History.Stream != "" {
		r.Indices = append(r.Indices, openSearchPermission{[]string{s.History.Stream}, []string{
			"indices:admin/get", "indices:data/write/index", "indices:data/write/bulk*",
		}})
	}
	return r
}

// printAccount prints what makes the account for the daemon.
func (o *output) printAccount(to io.Writer) {
	name := "indicatord-" + o.site + "-" + o.env.Name
	if o.settings.Flavor == OpenSearch {
		fmt.Fprint(to, "# The role that is enough for the daemon from now on. Map its user to it.\n")
		console(to, "PUT", "/_plugins/_security/api/roles/"+name, compact(o.settings.openSearchRole()))
		return
	}
	fmt.Fprint(to, "# The role that is enough for the daemon from now on, where it has a user.\n")
	console(to, "PUT", "/_security/role/"+name, compact(o.settings.role()))
	fmt.Fprint(to, "# Or an API key with it: the answer's \"encoded\" is for auth.api_key.\n")
	console(to, "POST", "/_security/api_key", compact(map[string]any{
		"name": name, "role_descriptors": map[string]any{"indicatord": o.settings.role()},
	}))
}

// compact writes JSON of what surely can be written.
func compact(v any) []byte {
	var text bytes.Buffer
	_, _ = encode(v).WriteTo(&text)
	return text.Bytes()
}
