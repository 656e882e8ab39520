package taxiihub

import (
	"slices"
	"time"
)

// admits reports whether q asks for r, which is one of versions: every version
// of its object, oldest first.
func (q *Query) admits(r *Record, versions []*Record) bool {
	if len(q.Types) > 0 && !slices.Contains(q.Types, r.Type) {
		return false
	}
	eligible := q.ofSpecVersion(versions)
	i := slices.Index(eligible, r)
	return i >= 0 && q.Versions.admits(i == 0, i == len(eligible)-1, r.Version)
}

// ofSpecVersion returns those versions that are written in the specification
// that q asks for.
func (q *Query) ofSpecVersion(versions []*Record) []*Record {
	wanted := q.SpecVersions
	if len(wanted) == 0 {
		newest := ""
		for _, v := range versions {
			newest = max(newest, v.SpecVersion)
		}
		wanted = []string{newest}
	}
	unwanted := func(r *Record) bool { return !slices.Contains(wanted, r.SpecVersion) }
	if !slices.ContainsFunc(versions, unwanted) {
		return versions
	}
	return slices.DeleteFunc(slices.Clone(versions), unwanted)
}

func (v *Versions) admits(first, last bool, version time.Time) bool {
	switch {
	case v.All, v.First && first, v.Last && last:
		return true
	case slices.ContainsFunc(v.At, version.Equal):
		return true
	}
	return last && !v.First && !v.Last && len(v.At) == 0
}
