package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// connectTimeout bounds how long a connection may take to be made, where the URL
// does not.
const connectTimeout = 10 * time.Second

// parameters are what every session asks of the server. A machine that is gone
// must not keep what it has locked: its silence is noticed within seconds.
// Neither does one that hangs in a transaction, nor is a lock waited for without
// end.
var parameters = map[string]string{
	"tcp_keepalives_idle":                 "4",
	"tcp_keepalives_interval":             "2",
	"tcp_keepalives_count":                "3",
	"idle_in_transaction_session_timeout": "60000",
	"lock_timeout":                        "60000",
	"timezone":                            "UTC",
}

// Open prepares a pool of connections that show themselves to the server under
// a name, and may only read if that is said. Nothing is connected before the
// first use. Statements are those of the store: see [Translate].
func (s *Settings) Open(name string, readOnly bool) (*sql.DB, error) {
	address, err := s.address()
	if err != nil {
		return nil, fmt.Errorf("store.postgres %w", err)
	}
	config, err := pgx.ParseConfig(address.String())
	if err != nil {
		return nil, fmt.Errorf("store.postgres: %w", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	maps.Copy(config.RuntimeParams, parameters)
	config.RuntimeParams["application_name"] = name
	if readOnly {
		config.RuntimeParams["default_transaction_read_only"] = "on"
	}
	connector := stdlib.GetConnector(*config, stdlib.OptionBeforeConnect(s.authorize))
	return sql.OpenDB(translating{connector}), nil
}

// authorize reads the password anew for each connection, so that a rotated one
// needs no restart.
func (s *Settings) authorize(_ context.Context, config *pgx.ConnConfig) error {
	if s.Password.IsZero() {
		return nil
	}
	password, err := s.Password.Read()
	if err != nil {
		return fmt.Errorf("store.password: %w", err)
	}
	config.Password = password.Reveal()
	return nil
}

// translating is a connector whose connections take the statements of the store.
type translating struct{ driver.Connector }

// Connect implements [driver.Connector].
func (t translating) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := t.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &connection{Conn: conn.(*stdlib.Conn), translated: make(map[string]string)}, nil
}

// connection translates what passes. It is for one goroutine at a time, as every
// [driver.Conn].
type connection struct {
	*stdlib.Conn
	translated map[string]string
}

// mostTranslated bounds what a connection keeps: statements differ by the number
// of their values.
const mostTranslated = 1000

func (c *connection) translate(query string) string {
	text, ok := c.translated[query]
	if !ok {
		if len(c.translated) >= mostTranslated {
			clear(c.translated)
		}
		text = Translate(query)
		c.translated[query] = text
	}
	return text
}

// PrepareContext implements [driver.ConnPrepareContext].
func (c *connection) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	return c.Conn.PrepareContext(ctx, c.translate(query))
}

// ExecContext implements [driver.ExecerContext].
func (c *connection) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.Conn.ExecContext(ctx, c.translate(query), args)
}

// QueryContext implements [driver.QueryerContext].
func (c *connection) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.Conn.QueryContext(ctx, c.translate(query), args)
}

// CheckNamedValue implements [driver.NamedValueChecker]: values arrive as every
// engine gets them, and texts such that PostgreSQL can hold them.
func (c *connection) CheckNamedValue(named *driver.NamedValue) error {
	value, err := driver.DefaultParameterConverter.ConvertValue(named.Value)
	if text, ok := value.(string); ok {
		value = Storable(text)
	}
	named.Value = value
	return err
}

// Storable replaces what PostgreSQL takes in no text: zero bytes and what is not
// UTF-8. Keys hold neither; the id of an object, and what a reject quotes, may.
func Storable(text string) string {
	if !strings.Contains(text, "\x00") && utf8.ValidString(text) {
		return text
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// The classes of errors (appendix A of PostgreSQL's documentation) with which a
// server says that it cannot serve at this moment: connection exception,
// insufficient resources and operator intervention.
var unavailable = []string{"08", "53", "57"}

// Unreachable reports whether err says that the server could not be reached, or
// was lost on the way, or takes no work now.
func Unreachable(err error) bool {
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok {
		for _, class := range unavailable {
			if strings.HasPrefix(answer.Code, class) {
				return true
			}
		}
		return false
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
