package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// HeldError says that another agent works on something.
type HeldError struct {
	// What is the work: "pull sector-hub".
	What string
	// Holder is the other agent, such as "fw-2 pid 4711"; "" where it has just
	// ended.
	Holder string
}

// Error names the other agent.
func (e *HeldError) Error() string {
	if e.Holder == "" {
		return "another agent works on it"
	}
	return e.Holder + " works on it"
}

// ErrClaimLost says that a session has ended, and with it the right to go on:
// another agent may have it by now.
var ErrClaimLost = errors.New("the session that holds the right to this work was lost: the agent that is reached first goes on with it")

// Claim is the right to work on something that other agents on the same store
// could work on too. It lasts until [Store.Unclaim], or until the session is
// lost. The zero value is a right that nobody contends.
type Claim struct {
	key    int64
	pid    int64 // of the session at the server
	ended  chan struct{}
	ending sync.Once
}

// Under returns a context for work under the claim: it ends with [ErrClaimLost]
// when the claim does, and a writing transaction in it fails unless the server
// says that the claim still stands. The caller calls stop when the work is over.
func (c *Claim) Under(ctx context.Context) (working context.Context, stop context.CancelFunc) {
	if c.ended == nil {
		return ctx, func() {}
	}
	working, cancel := context.WithCancelCause(context.WithValue(ctx, claimKey{}, c))
	over := make(chan struct{})
	go func() {
		select {
		case <-c.ended:
			cancel(ErrClaimLost)
		case <-over:
		}
	}()
	return working, sync.OnceFunc(func() {
		close(over)
		cancel(nil)
	})
}

func (c *Claim) lasts() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

func (c *Claim) end() { c.ending.Do(func() { close(c.ended) }) }

// claimKey is the key of the claim under which a context works.
type claimKey struct{}

// An advisory lock of 64 bits is in pg_locks in two halves.
const claimStands = `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
	AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND CAST(pid AS BIGINT) = ?
	AND (CAST(classid AS BIGINT) << 32 | CAST(objid AS BIGINT)) = ?)`

// checkClaim asks the server whether the claim of the context stands. What is
// written after it is written before any other agent's turn.
func checkClaim(ctx context.Context, tx *sql.Tx) error {
	c, ok := ctx.Value(claimKey{}).(*Claim)
	if !ok {
		return nil
	}
	stands := false
	if c.lasts() {
		if err := tx.QueryRowContext(ctx, claimStands, c.pid, c.key).Scan(&stands); err != nil {
			return err
		}
	}
	if !stands {
		return ErrClaimLost
	}
	return nil
}

// claims are the rights that this agent has. One session holds them all, and is
// looked after while it lasts.
type claims struct {
	open func() (*sql.DB, error) // nil where nobody contends

	mu      sync.Mutex
	session *session // nil before the first claim and after a loss
	held    map[string]*Claim
	caring  sync.WaitGroup
}

// session is the connection whose advisory locks the claims are.
type session struct {
	db   *sql.DB
	conn *sql.Conn
	pid  int64
	over chan struct{} // closed when nobody needs it any more
}

// How often a session is looked at, and how long the server may take to answer
// anything in it. The server notices a lost machine later than that: its
// keepalives take ten seconds.
const (
	lookEvery  = time.Second
	lookWithin = 5 * time.Second
)

// Claim takes the right to work on something, or returns the one it has taken
// before. A [HeldError] names the agent that has it. A store that is not shared
// grants everything.
func (s *Store) Claim(ctx context.Context, what string) (*Claim, error) {
	c := &s.claims
	if c.open == nil {
		return &Claim{}, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if claim, ok := c.held[what]; ok {
		return claim, nil
	}
	// A question that is broken off ends the session, so it is not.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookWithin)
	defer cancel()
	claim, err := c.take(ctx, what, int64(s.hashKey(0, "claim "+what)))
	if err == nil {
		return claim, nil
	}
	if _, held := errors.AsType[*HeldError](err); !held {
		c.lose()
		return nil, fmt.Errorf("asking for the right to %s: %w", what, adviseShared(err))
	}
	return nil, err
}

func (c *claims) take(ctx context.Context, what string, key int64) (*Claim, error) {
	if c.session == nil {
		if err := c.connect(ctx); err != nil {
			return nil, err
		}
	}
	var got bool
	if err := c.session.conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock(?)", key).Scan(&got); err != nil {
		return nil, err
	}
	if !got {
		return nil, c.holder(ctx, what, key)
	}
	claim := &Claim{key: key, pid: c.session.pid, ended: make(chan struct{})}
	c.held[what] = claim
	return claim, nil
}

// holder finds who has a claim that could not be taken.
func (c *claims) holder(ctx context.Context, what string, key int64) error {
	var name string
	err := c.session.conn.QueryRowContext(ctx, `SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND a.datname = current_database()
		AND (CAST(l.classid AS BIGINT) << 32 | CAST(l.objid AS BIGINT)) = ?`, key).Scan(&name)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return &HeldError{What: what, Holder: strings.TrimPrefix(name, sessionPrefix)}
}

func (c *claims) connect(ctx context.Context) error {
	db, err := c.open()
	if err != nil {
		return err
	}
	db.SetMaxIdleConns(-1) // what is closed is ended, and its locks with it
	next := &session{db: db, over: make(chan struct{})}
	if next.conn, err = db.Conn(ctx); err == nil {
		err = next.conn.QueryRowContext(ctx, "SELECT CAST(pg_backend_pid() AS BIGINT)").Scan(&next.pid)
	}
	if err != nil {
		return errors.Join(err, next.close())
	}
	c.session, c.held = next, make(map[string]*Claim)
	c.caring.Go(func() { c.lookAfter(next) })
	return nil
}

// lookAfter notices the loss of a session, and ends what was worked on by it.
func (c *claims) lookAfter(of *session) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-of.over:
			return
		case <-ticker.C:
			c.look(of)
		}
	}
}

func (c *claims) look(at *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != at {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookWithin)
	defer cancel()
	if err := at.conn.PingContext(ctx); err != nil {
		c.lose()
	}
}

// lose ends the session and every claim in it.
func (c *claims) lose() {
	if c.session == nil {
		return
	}
	for _, claim := range c.held {
		claim.end()
	}
	close(c.session.over)
	_ = c.session.close() // it is lost, or not needed
	c.session, c.held = nil, nil
}

func (s *session) close() error {
	var err error
	if s.conn != nil {
		err = s.conn.Close()
	}
	return errors.Join(err, s.db.Close())
}

// Unclaim gives a right back. What works under it ends.
func (s *Store) Unclaim(what string) {
	c := &s.claims
	c.mu.Lock()
	defer c.mu.Unlock()
	claim, ok := c.held[what]
	if !ok {
		return
	}
	claim.end()
	delete(c.held, what)
	ctx, cancel := context.WithTimeout(context.Background(), lookWithin)
	defer cancel()
	if _, err := c.session.conn.ExecContext(ctx, "SELECT pg_advisory_unlock(?)", claim.key); err != nil {
		c.lose() // the end of the session gives it back too
	}
}

// close gives everything back.
func (c *claims) close() {
	c.mu.Lock()
	c.lose()
	c.mu.Unlock()
	c.caring.Wait()
}

// Shared reports whether other agents may work on this store too.
func (s *Store) Shared() bool { return s.engine.shared }
