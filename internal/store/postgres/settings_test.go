package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/indicatord/indicatord/internal/secret"
)

// TestWhichURLsAreRight: what could show a password, or the traffic to others,
// is refused.
func TestWhichURLsAreRight(t *testing.T) {
	for _, c := range []struct {
		url   string
		plain bool
		want  string // what the error says, "" for none
	}{
		{url: "postgres://indicatord@db.example/indicatord"},
		{url: "postgresql://db.example:5433/indicatord?sslmode=verify-full&sslrootcert=/etc/ca.pem"},
		{url: "postgres://db.example/indicatord?sslmode=verify-ca"},
		{url: "postgres://db.example/indicatord?sslmode=require&sslrootcert=/etc/ca.pem"},
		{url: "postgres://127.0.0.1/indicatord"},
		{url: "postgres://[::1]:5432/indicatord?sslmode=disable"},
		{url: "postgres://localhost/indicatord?sslmode=disable"},
		{url: "postgres:///indicatord?host=/run/postgresql"},
		{url: "postgres://a.example:1,b.example:2/indicatord"},
		{url: "postgres://db.example/indicatord?sslmode=disable", plain: true},

		{url: "", want: "is missing"},
		{url: "host=db.example dbname=indicatord password=hunter2", want: "is not the URL"},
		{url: "mysql://db.example/indicatord", want: "is not the URL"},
		{url: "postgres://db.example:port/", want: "is not a valid URL"},
		{url: "postgres:///indicatord", want: "names no host"},
		{url: "postgres://me:hunter2@db.example/indicatord", want: "holds a password"},
		{url: "postgres://db.example/indicatord?password=hunter2", want: "has the parameter password"},
		{url: "postgres://db.example/indicatord?passfile=/root/.pgpass", want: "has the parameter passfile"},
		{url: "postgres://db.example/indicatord?sslmode=disable", want: "sslmode=disable"},
		{url: "postgres://db.example/indicatord?sslmode=prefer", want: "sslmode=prefer"},
		{url: "postgres://db.example/indicatord?sslmode=require", want: "sslmode=require"},
		{url: "postgres://127.0.0.1,db.example/indicatord?sslmode=disable", want: "db.example"},
		{url: "postgres:///indicatord?host=10.0.0.1&sslmode=disable", want: "10.0.0.1"},
		{url: "postgres://127.0.0.1/indicatord?host=10.0.0.1&sslmode=disable", want: "10.0.0.1"},
	} {
		err := (&Settings{URL: c.url, AllowPlain: c.plain}).Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: the error is %v, want %q", c.url, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error shows the password: %v", c.url, err)
		}
	}
}

// TestTheServerOfAnotherMachineProvesItself, whatever the environment says.
func TestTheServerOfAnotherMachineProvesItself(t *testing.T) {
	t.Setenv("PGSSLMODE", "disable")
	address, err := (&Settings{URL: "postgres://db.example/indicatord"}).address()
	if err != nil {
		t.Fatal(err)
	}
	config, err := pgx.ParseConfig(address.String())
	if err != nil {
		t.Fatal(err)
	}
	if config.TLSConfig == nil || config.TLSConfig.InsecureSkipVerify || config.TLSConfig.ServerName != "db.example" || len(config.Fallbacks) > 0 {
		t.Errorf("it connects with %+v and %d fallbacks", config.TLSConfig, len(config.Fallbacks))
	}
}

func TestThePasswordIsReadAtEachConnection(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	s := &Settings{Password: secret.Ref{File: file}}
	for _, password := range []string{"hunter2", "changed"} {
		if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		var config pgx.ConnConfig
		if err := s.authorize(t.Context(), &config); err != nil || config.Password != password {
			t.Errorf("the password is %q, %v", config.Password, err)
		}
	}
	s.Password.File += ".gone"
	if err := s.authorize(t.Context(), &pgx.ConnConfig{}); err == nil || !strings.Contains(err.Error(), "store.password") {
		t.Errorf("the error is %v", err)
	}
}

func TestMachineName(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	for name, want := range map[string]string{"": host, "fw-1": "fw-1"} {
		if got := (&Settings{Machine: name}).MachineName(); got != want {
			t.Errorf("%q gives %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"fw 1", "-fw", "a/b"} {
		err := (&Settings{URL: "postgres://localhost/x", Machine: name}).Validate()
		if err == nil || !strings.Contains(err.Error(), "machine") {
			t.Errorf("%q: the error is %v", name, err)
		}
	}
}

func TestUnreachable(t *testing.T) {
	for _, err := range []error{
		&pgconn.PgError{Code: "57P01"}, &pgconn.PgError{Code: "53300"}, driver.ErrBadConn, io.ErrUnexpectedEOF,
		&net.OpError{Op: "dial", Err: errors.New("refused")},
	} {
		if !Unreachable(errors.Join(errors.New("storing"), err)) {
			t.Errorf("%v is taken for an answer", err)
		}
	}
	for _, err := range []error{nil, errors.New("odd"), &pgconn.PgError{Code: "42601"}, context.Canceled} {
		if Unreachable(err) {
			t.Errorf("%v is taken for silence", err)
		}
	}
}
