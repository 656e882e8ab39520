package taxii

import (
	"errors"
	"net/url"
	"strings"
)

// place is what an address says by itself, before anything is asked.
type place struct {
	// address is the whole of it, with a slash at its end.
	address string
	// root is the API root, if the address lies within its collections.
	root string
	// collection is the id or alias of the collection, if it names one.
	collection string
}

// locate reads an address. Hubs hand out the addresses of any of their
// resources, with and without the slash at the end.
func locate(address string) (place, error) {
	u, err := url.Parse(address)
	if err != nil {
		return place{}, errors.New("url is not a valid URL")
	}
	path := strings.TrimRight(u.EscapedPath(), "/") + "/"
	base := u.Scheme + "://" + u.Host
	const collections = "/collections/"
	at := strings.LastIndex(path, collections)
	if at < 0 {
		return place{address: base + path}, nil
	}
	name, _, _ := strings.Cut(path[at+len(collections):], "/")
	if name, err = url.PathUnescape(name); err != nil {
		return place{}, errors.New("url is not a valid URL")
	}
	return place{address: base + path, root: base + path[:at+1], collection: name}, nil
}

// apiRoot is the address of an API root.
type apiRoot struct {
	// address ends in a slash.
	address string
	// named is how the hub names it, where that is on another host and the
	// root is looked for on the host that the configuration names.
	named string
}

// resolveRoot reads an entry of api_roots, which is absolute, or relative to the
// discovery (section 4.1). Credentials leave the configured host only where
// follow says so: hubs behind a proxy often name themselves by an inner address.
func resolveRoot(discovery, entry string, follow bool) (apiRoot, error) {
	base, err := url.Parse(discovery)
	if err != nil {
		return apiRoot{}, err
	}
	u, err := base.Parse(entry)
	if err != nil {
		return apiRoot{}, err
	}
	u = &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(u.Path, "/") + "/"}
	if follow || u.Scheme == base.Scheme && strings.EqualFold(u.Host, base.Host) {
		return apiRoot{address: u.String()}, nil
	}
	named := u.String()
	u.Scheme, u.Host = base.Scheme, base.Host
	return apiRoot{address: u.String(), named: named}, nil
}
