package lifetest

import (
	"slices"
	"strings"
	"time"
)

// model is what should be true, told as simply as it can be: what each source
// said of each object, and what follows from it now. It knows no transaction,
// no sequence, no ledger and no code of the line.
type model struct {
	settings settings
	now      time.Time
	// latest is the latest that the clock ever showed.
	latest  time.Time
	sources map[string]*knowledge
	// seen is when something was first said of a key, and unsure the keys of
	// which that may be forgotten.
	seen   map[string]time.Time
	unsure map[string]bool
	// words are the site's own, by key.
	words map[string]word
}

// knowledge is what the site knows of one source.
type knowledge struct {
	objects map[string]*object
	// defined is what the source has first said of the marking that nobody else
	// knows, nil while it has said nothing.
	defined *definition
	// cursor is how far the source has told, as of the last page that said so.
	cursor int
	// complete is set once a pull has come to its end.
	complete bool
}

type state string

const (
	live      state = "live"
	revoked   state = "revoked"
	withdrawn state = "withdrawn"
)

// object is what the site knows of an object of a source.
type object struct {
	published
	state state
	// read is when the fact was read, and reading by which settings.
	read    time.Time
	reading string
	claims  []claim
}

func newModel(s settings) *model {
	m := &model{settings: s, now: noon, latest: noon, sources: map[string]*knowledge{}, seen: map[string]time.Time{}, unsure: map[string]bool{}, words: map[string]word{}}
	for _, name := range sourceNames {
		m.sources[name] = &knowledge{objects: map[string]*object{}}
	}
	return m
}

func (m *model) setClock(now time.Time) {
	m.now = now
	if now.After(m.latest) {
		m.latest = now
	}
}

// The ways in which a pull may end.
const (
	endsWell       = "well"
	endsCut        = "cut off"
	endsTooMuch    = "with too much missing"
	endsIncomplete = "without saying that it was complete"
)

// pull takes in the pages of a pull, and says how it has to end.
func (m *model) pull(p pull, pages []page) string {
	k := m.sources[p.source]
	before, ties, defined := k.liveIDs(), m.ties(p.source), k.defined
	shown := map[string]bool{}
	ends := endsWell
	for i, page := range pages {
		if i == p.cut {
			ends = endsCut
			break
		}
		m.take(p.source, page, shown)
		if i+1 == len(pages) || i+1 == p.cut || pages[i+1].late {
			m.notice(p.source)
			m.learn(p.source, ties, defined)
			ties, defined = m.ties(p.source), k.defined
		}
	}
	switch {
	case ends == endsCut:
		return ends
	case p.full && p.unsaid:
		return endsIncomplete
	case p.full && !k.reconcile(before, shown, p.most):
		return endsTooMuch
	}
	m.learn(p.source, ties, defined)
	k.complete = true
	return ends
}

// take takes in one page: what it withdraws, it withdraws whatever it shows.
func (m *model) take(source string, p page, shown map[string]bool) {
	k := m.sources[source]
	for _, e := range p.events {
		if e.fact != nil {
			shown[e.fact.head().id] = true
			m.show(source, e.fact)
			k.define(e.fact)
		}
	}
	for _, e := range p.events {
		if o := k.objects[e.gone]; o != nil && o.state == live {
			o.state = withdrawn
		}
	}
	if p.cursor >= 0 {
		k.cursor = p.cursor
	}
}

// show decides between a fact and what is known (STIX 2.1, section 3.6): the
// highest version counts, of one version what came first, and nothing follows a
// revocation. An object that was withdrawn comes back with the version it had,
// or a higher one.
func (m *model) show(source string, f published) {
	k := m.sources[source]
	told := f.head()
	o := k.objects[told.id]
	switch {
	case o == nil:
		o = &object{}
		k.objects[told.id] = o
	case o.state == revoked:
		return
	case told.over:
	case told.version < o.head().version:
		return
	case told.version == o.head().version && o.state == live:
		return
	}
	o.published, o.state = f, live
	if told.over {
		o.state = revoked
	}
	m.interpret(source, o)
}

// interpret reads what an object says. Only an indicator claims anything.
func (m *model) interpret(source string, o *object) {
	s := m.settings.sources[source]
	o.read, o.reading = m.now, s.reading()
	o.claims = nil
	if f, ok := o.published.(*fact); ok {
		o.claims = f.claims(s, m.now, m.sources[source].level(f.marking, s))
	}
}

// notice notes of which keys something is said.
func (m *model) notice(source string) {
	for _, o := range m.sources[source].objects {
		for _, c := range o.claims {
			if _, known := m.seen[c.key]; !known && o.state == live {
				m.seen[c.key] = m.now
			}
		}
	}
}

func (k *knowledge) liveIDs() []string {
	var ids []string
	for id, o := range k.objects {
		if o.state == live {
			ids = append(ids, id)
		}
	}
	return ids
}

// reconcile withdraws what a full pull has not shown, unless that is too much.
func (k *knowledge) reconcile(before []string, shown map[string]bool, most int) bool {
	missing := slices.DeleteFunc(before, func(id string) bool { return shown[id] || k.objects[id].state != live })
	if most >= 0 && len(missing) > most {
		return false
	}
	for _, id := range missing {
		k.objects[id].state = withdrawn
	}
	return true
}

// configure takes other settings: what was read by others is read again.
func (m *model) configure(s settings) {
	m.settings = s
	for _, name := range s.configured() {
		for _, o := range m.sources[name].objects {
			if o.reading != s.sources[name].reading() {
				m.interpret(name, o)
			}
		}
	}
}

// maintain lets the site forget when it first saw a key of which nothing is said.
func (m *model) maintain() {
	said := map[string]bool{}
	for _, k := range m.sources {
		for _, o := range k.objects {
			for _, c := range o.claims {
				said[c.key] = true
			}
		}
	}
	for key := range m.words {
		said[key] = true
	}
	for key := range m.seen {
		m.unsure[key] = m.unsure[key] || !said[key]
	}
}

// claim is what an object claims of one key.
type claim struct {
	key         string
	from, until time.Time // until is zero where there is no end
	end         string
	confidence  int // or absent
	tlp         string
	names       []string
	types       []string
	labels      []string
	ways        []string // "to", "from" or both; none for unknown
	scope       string
}

// claims are what a fact claims when it is read by these settings at this time.
// What cannot be read, or ends before it begins, claims nothing.
func (f *fact) claims(s sourceSettings, now time.Time, level string) []claim {
	from, until := hour(created), time.Time{}
	if f.from != absent {
		from = hour(f.from)
	}
	if f.until != absent {
		until = hour(f.until)
	}
	if f.revoked || f.broken || !until.IsZero() && !until.After(from) {
		return nil
	}
	var all []claim
	for _, key := range f.keys() {
		c := claim{
			key: key, from: from, until: until, confidence: f.confidence, tlp: level,
			types: f.types, labels: f.labels, ways: f.ways(key), scope: f.scope(key, s),
		}
		// A name that is marked more strictly than the rest is withheld.
		if strictness(f.marking.nameLevel) <= strictness(c.tlp) {
			c.names = []string{f.name()}
		}
		kind, _, _ := strings.Cut(key, " ")
		c.end = "none"
		if !until.IsZero() {
			c.end = "hub"
		}
		c.limit(s.lifetime[kind], hour(f.modified), now)
		all = append(all, c)
	}
	return all
}

// limit ends a claim when the lifetime is over (decision 4).
func (c *claim) limit(hours int, modified, now time.Time) {
	if hours == 0 {
		return
	}
	start := modified
	if start.After(now) {
		start = now
	}
	if c.from.After(start) {
		start = c.from
	}
	end := start.Add(time.Duration(hours) * time.Hour)
	switch {
	case c.until.IsZero():
		c.until, c.end = end, "lifetime"
	case c.until.After(end):
		c.until, c.end = end, "ceiling"
	}
}

// keys are the keys of the pattern, each once.
func (f *fact) keys() []string {
	var keys []string
	for _, t := range f.terms {
		keys = append(keys, t.value.key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// ways are the ways that the pattern says for a key, or else the labels.
func (f *fact) ways(key string) []string {
	var ways []string
	for _, t := range f.terms {
		if t.value.key == key && t.way != "" {
			ways = append(ways, t.way)
		}
	}
	if len(ways) == 0 {
		for _, label := range f.labels {
			switch label {
			case `misp:type="ip-dst"`:
				ways = append(ways, "to")
			case `misp:type="ip-src"`:
				ways = append(ways, "from")
			}
		}
	}
	slices.Sort(ways)
	return slices.Compact(ways)
}

// scope is the widest that the pattern says for a domain, or the settings.
func (f *fact) scope(key string, s sourceSettings) string {
	if !strings.HasPrefix(key, "domain ") {
		return "exact"
	}
	if slices.ContainsFunc(f.terms, func(t term) bool { return t.value.key == key && t.value.wild }) {
		return "subdomains"
	}
	return s.bareDomains
}
