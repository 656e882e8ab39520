package dialect

import "github.com/indicatord/indicatord/internal/indicator"

var nginxGeo = Dialect{
	Name:      "nginx-geo",
	Reader:    "nginx, file to include in a block `geo`",
	Source:    "nginx documentation, ngx_http_geo_module",
	Kinds:     onlyIP,
	Addresses: AnyAddress,
	Options:   []Option{{"value", "1", "The value of the variable for a listed address.", plainWord}},
	Comment:   "#",
	Line: func(line []byte, e *indicator.Entry, l *List) ([]byte, Unsaid) {
		line = append(append(line, e.Key.Value...), ' ')
		return append(append(line, l.Options["value"]...), ';'), ""
	},
}

var nginxDeny = Dialect{
	Name:      "nginx-deny",
	Reader:    "nginx, file of `deny` to include in `http`, `server` or `location`",
	Source:    "nginx documentation, ngx_http_access_module",
	Note:      "The rules are tried one after the other: with thousands of entries take `nginx-geo`.",
	Kinds:     onlyIP,
	Addresses: AnyAddress,
	Comment:   "#",
	Line: func(line []byte, e *indicator.Entry, _ *List) ([]byte, Unsaid) {
		return append(append(append(line, "deny "...), e.Key.Value...), ';'), ""
	},
}
