package listserver

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/indicatord/indicatord/internal/secret"
)

// verdict is what is known of who asks.
type verdict int

const (
	unknown verdict = iota
	known
	// doubtful is a device that might be known if all secrets could be read.
	doubtful
)

// clients tell who asks.
type clients struct {
	all     []Client
	secrets *secrets
}

// identify returns who asks. What a request shows of its own accord counts before
// the address that it comes from.
func (c *clients) identify(r *http.Request, from netip.Addr) (*Client, verdict) {
	if r.Header.Get("Authorization") != "" {
		return c.byAuthorization(r)
	}
	if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		return c.byCertificate(r)
	}
	for i := range c.all {
		if one := &c.all[i]; one.byAddress() && contains(one.Addresses, from) {
			return one, known
		}
	}
	return nil, unknown
}

// shows reports whether a request shows something by which a device could be known.
func shows(r *http.Request) bool {
	return r.Header.Get("Authorization") != "" || r.TLS != nil && len(r.TLS.VerifiedChains) > 0
}

func (c *clients) byCertificate(r *http.Request) (*Client, verdict) {
	leaf := r.TLS.VerifiedChains[0][0]
	for i := range c.all {
		one := &c.all[i]
		if one.Certificate != "" && (leaf.Subject.CommonName == one.Certificate || leaf.VerifyHostname(one.Certificate) == nil) {
			return one, known
		}
	}
	return nil, unknown
}

func (c *clients) byAuthorization(r *http.Request) (*Client, verdict) {
	username, password, basic := r.BasicAuth()
	token, bearer := bearerOf(r)
	verdict := unknown
	for i := range c.all {
		one := &c.all[i]
		shown := token
		switch {
		case basic && one.Username != "" && one.Username == username:
			shown = password
		case !bearer || one.Token.IsZero():
			continue
		}
		switch c.secrets.judge(one, shown) {
		case known:
			return one, known
		case doubtful:
			verdict = doubtful
		}
	}
	return nil, verdict
}

// bearerOf returns the token of a request (RFC 6750, section 2.1).
func bearerOf(r *http.Request) (string, bool) {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), found && strings.EqualFold(scheme, "Bearer")
}

// secretsFor is how long a secret counts that was read.
const secretsFor = time.Second

// secrets reads what devices are known by, at most once a second each, so that a
// secret that was changed counts at once and a crowd of requests costs nothing.
type secrets struct {
	now  func() time.Time
	mu   sync.Mutex
	read map[secret.Ref]reading
}

// reading is what was found at the place of a secret.
type reading struct {
	at  time.Time
	sum [sha256.Size]byte
	err error
}

func (s *secrets) get(ref secret.Ref) reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if last, ok := s.read[ref]; ok && now.Sub(last.at).Abs() < secretsFor {
		return last
	}
	value, err := ref.Read()
	found := reading{now, sha256.Sum256([]byte(value.Reveal())), err}
	s.read[ref] = found
	return found
}

// judge compares what a device shows with its secrets, in a time that tells
// nothing of them.
func (s *secrets) judge(c *Client, shown string) verdict {
	sum := sha256.Sum256([]byte(shown))
	found := unknown
	for _, ref := range c.secrets() {
		switch is := s.get(ref); {
		case is.err != nil:
			found = max(found, doubtful)
		case subtle.ConstantTimeCompare(is.sum[:], sum[:]) == 1:
			return known
		}
	}
	return found
}

// unreadable returns the first error of a secret that cannot be read, for the log.
func (s *secrets) unreadable(all []Client) error {
	for i := range all {
		if all[i].Certificate != "" || all[i].byAddress() {
			continue
		}
		for _, ref := range all[i].secrets() {
			if err := s.get(ref).err; err != nil {
				return err
			}
		}
	}
	return nil
}
