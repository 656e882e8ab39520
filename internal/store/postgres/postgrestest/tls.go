package postgrestest

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// StartTLS is [Start] with a server that also answers at 127.0.0.1, over TLS alone
// and to whoever knows the password of the user "agent". The second value is the
// path of the authority that its certificate is of; its names are 127.0.0.1 and
// example.com.
func StartTLS(tb testing.TB, password string) (*Server, string) {
	tb.Helper()
	s := newServer(tb, nil)
	cert, key := certificate(tb)
	for name, text := range map[string][]byte{"cert.pem": cert, "key.pem": key, "password": []byte(password)} {
		s.put(name, text)
	}
	s.must("initdb", "-D", s.data(), "--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile="+s.path("password"),
		"-U", "agent", "-E", "UTF8", "--locale=C", "--no-sync")
	s.put("data/pg_hba.conf", []byte("local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"))
	s.port = freePort(tb)
	s.settings = append(s.settings, "listen_addresses=127.0.0.1", fmt.Sprintf("port=%d", s.port),
		"ssl=on", "ssl_cert_file="+s.path("cert.pem"), "ssl_key_file="+s.path("key.pem"))
	s.begin()
	return s, s.path("cert.pem")
}

// Address is the host and port at which a server of [StartTLS] answers.
func (s *Server) Address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

func (s *Server) path(name string) string { return filepath.Join(s.dir, name) }

// put writes a file that the server's user owns and nobody else may read.
func (s *Server) put(name string, text []byte) {
	s.tb.Helper()
	if err := os.WriteFile(s.path(name), text, 0o600); err != nil {
		s.tb.Fatal(err)
	}
	if s.credential == nil {
		return
	}
	if err := os.Chown(s.path(name), int(s.credential.Uid), int(s.credential.Gid)); err != nil {
		s.tb.Fatal(err)
	}
}

// certificate is that of the standard library for tests, and its key.
func certificate(tb testing.TB) (cert, key []byte) {
	tb.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	pair := server.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		tb.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
}

func freePort(tb testing.TB) int {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed at once
	if err != nil {
		tb.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
