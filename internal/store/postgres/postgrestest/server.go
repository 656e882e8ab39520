// Package postgrestest starts PostgreSQL servers for tests: each a cluster of its
// own in a temporary directory, reached by a local socket alone.
package postgrestest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Server is a running PostgreSQL. It ends with the test.
type Server struct {
	tb         testing.TB
	bin, dir   string
	credential *syscall.Credential // nil where we may run it ourselves
	settings   []string
	port       int // where it answers at 127.0.0.1, over TLS alone; 0 for nowhere
}

// Start makes a cluster and starts a server for it, with settings such as
// "fsync=on": unless they say so it does not wait for the disk, since what a power
// cut would do is not tested. Where PostgreSQL is not installed, the test is
// skipped.
func Start(tb testing.TB, settings ...string) *Server {
	tb.Helper()
	s := newServer(tb, settings)
	s.must("initdb", "-D", s.data(), "-A", "trust", "-U", "agent", "-E", "UTF8", "--locale=C", "--no-sync")
	s.begin()
	return s
}

// begin starts the server until the end of the test.
func (s *Server) begin() {
	s.Resume()
	s.tb.Cleanup(func() { _ = s.run("pg_ctl", "-D", s.data(), "-m", "immediate", "-w", "stop") })
}

// newServer makes the directory of a cluster, which its user owns.
func newServer(tb testing.TB, settings []string) *Server {
	tb.Helper()
	s := &Server{tb: tb, bin: find(tb), settings: append([]string{"fsync=off", "max_connections=500"}, settings...)}
	var err error
	if s.dir, err = os.MkdirTemp("", "pg"); err != nil { //nolint:usetesting // the path of a socket is bounded, and the server's user has to get there
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(s.dir) })
	if os.Getuid() == 0 {
		s.credential = lesser(tb)
		if err := os.Chown(s.dir, int(s.credential.Uid), int(s.credential.Gid)); err != nil {
			tb.Fatal(err)
		}
	}
	return s
}

// find returns the folder with the newest server programs.
func find(tb testing.TB) string {
	tb.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is right
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, path)
	}
	if len(found) == 0 {
		tb.Skip("PostgreSQL is not installed: apt-get install postgresql")
	}
	return filepath.Dir(slices.Max(found))
}

// lesser is a user without rights: PostgreSQL refuses to run as root.
func lesser(tb testing.TB) *syscall.Credential {
	tb.Helper()
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.ParseUint(u.Uid, 10, 32) // numbers on every Unix
		gid, _ := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	tb.Skip("PostgreSQL refuses to run as root, and there is no user postgres or nobody")
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// URL is the address of the database "postgres". Parameters may be added with
// "&".
func (s *Server) URL() string { return "postgres://agent@/postgres?host=" + s.dir }

// Stop ends the server at once; every session is cut.
func (s *Server) Stop() {
	s.tb.Helper()
	s.must("pg_ctl", "-D", s.data(), "-m", "fast", "-w", "stop")
}

// Resume starts the server again.
func (s *Server) Resume() {
	s.tb.Helper()
	options := fmt.Sprintf("-c listen_addresses='' -c unix_socket_directories='%s' -c %s", s.dir, strings.Join(s.settings, " -c "))
	s.must("pg_ctl", "-D", s.data(), "-o", options, "-l", filepath.Join(s.dir, "log"), "-w", "start")
}

func (s *Server) must(program string, args ...string) {
	s.tb.Helper()
	if err := s.run(program, args...); err != nil {
		s.tb.Fatal(err)
	}
}

// run does not wait for what the program leaves running: its output goes into a
// file.
func (s *Server) run(program string, args ...string) error {
	said, err := os.CreateTemp("", "pg-said")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(said.Name()) }()
	defer said.Close()
	cmd := exec.Command(filepath.Join(s.bin, program), args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, said, said
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	if s.credential != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.credential}
	}
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(said.Name())
		return fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(text))
	}
	return nil
}
