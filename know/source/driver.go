package source

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/golang-sql/civil"
	"github.com/jackc/pgx/v5/pgconn"
	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"

	"github.com/kvadrant/kvadrant/internal/statement"
)

// dialTime is how long a server may take to answer at all.
const dialTime = 10 * time.Second

// application is how the program names itself to the servers, so that their people see who reads.
const application = "Kvadrant"

// session is a connection in a read-only transaction, which is never committed.
type session interface {
	// query runs the one statement; since stands for :since in it.
	query(ctx context.Context, statement, since string) (table, error)
	close()
}

// table is the result of a SELECT, read row by row.
type table interface {
	columns() []string
	// next returns the cells of the next row, or io.EOF after the last.
	next() ([]string, error)
	close()
}

// dial opens a session on the source; limit is how long a statement may take.
func (s *Source) dial(ctx context.Context, password string, limit time.Duration) (session, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*dialTime)
	defer cancel()
	var opened session
	var err error
	switch s.Driver {
	case PostgreSQL:
		opened, err = s.dialPostgres(ctx, password, limit)
	case MySQL:
		opened, err = s.dialMySQL(ctx, password, limit)
	default:
		opened, err = s.dialSQLServer(ctx, password)
	}
	if err != nil {
		return nil, s.explain(err)
	}
	return opened, nil
}

func portText(port int64) string { return strconv.FormatInt(port, 10) }

func (s *Source) tls() *tls.Config {
	if s.Encryption == Plain {
		return nil
	}
	return &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: s.Encryption == Unverified} //nolint:gosec // by the administrator's choice, and shown as such
}

// postgresConfig gives every part of the address itself, so that no variable or file of the server's account has a say.
func (s *Source) postgresConfig(password string) (*pgconn.Config, error) {
	cfg, err := pgconn.ParseConfig("sslmode=disable")
	if err != nil {
		return nil, err
	}
	cfg.Host, cfg.Port, cfg.Database, cfg.User, cfg.Password = s.Host, uint16(s.Port), s.Database, s.Username, password
	cfg.TLSConfig, cfg.Fallbacks, cfg.ConnectTimeout = s.tls(), nil, dialTime
	cfg.RuntimeParams = map[string]string{"application_name": application}
	return cfg, nil
}

func (s *Source) dialPostgres(ctx context.Context, password string, limit time.Duration) (session, error) {
	cfg, err := s.postgresConfig(password)
	if err != nil {
		return nil, err
	}
	conn, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	p := &postgres{source: s, conn: conn}
	begin := fmt.Sprintf("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = %d; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL client_encoding = 'UTF8'", limit.Milliseconds())
	if err := conn.Exec(ctx, begin).Close(); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

type postgres struct {
	source *Source
	conn   *pgconn.PgConn
}

func (p *postgres) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = p.conn.Close(ctx)
}

// query lets the server find out the type of the parameter and write every value itself, as text.
func (p *postgres) query(ctx context.Context, question, since string) (table, error) {
	text, uses := statement.Prepare(PostgreSQL, question)
	var args [][]byte
	if uses > 0 {
		args = [][]byte{[]byte(since)}
	}
	t := &postgresTable{source: p.source, result: p.conn.ExecParams(ctx, text, args, nil, nil, nil)}
	for _, f := range t.result.FieldDescriptions() {
		t.names, t.types = append(t.names, f.Name), append(t.types, f.DataTypeOID)
	}
	if len(t.names) == 0 { // an error, mostly
		_, err := t.result.Close()
		if err == nil {
			err = errNoColumns
		}
		return nil, p.source.explain(err)
	}
	return t, nil
}

var errNoColumns = errors.New("the statement gives no columns")

type postgresTable struct {
	source *Source
	result *pgconn.ResultReader
	names  []string
	types  []uint32
}

func (t *postgresTable) columns() []string { return t.names }

func (t *postgresTable) next() ([]string, error) {
	if !t.result.NextRow() {
		if _, err := t.result.Close(); err != nil {
			return nil, t.source.explain(err)
		}
		return nil, io.EOF
	}
	cells := make([]string, len(t.names))
	for i, v := range t.result.Values() {
		if v != nil {
			cells[i] = postgresText(v, t.types[i])
		}
	}
	return cells, nil
}

// close leaves the rest of the rows to the end of the connection.
func (t *postgresTable) close() {}

func (s *Source) mysqlConfig(password string, limit time.Duration) *mysql.Config {
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr = "tcp", net.JoinHostPort(s.Host, portText(s.Port))
	cfg.User, cfg.Passwd, cfg.DBName = s.Username, password, s.Database
	cfg.TLS, cfg.Timeout, cfg.ReadTimeout, cfg.Logger = s.tls(), dialTime, limit, &mysql.NopLogger{}
	cfg.Collation = "utf8mb4_general_ci" // the one that all versions have
	return cfg
}

func (s *Source) dialMySQL(ctx context.Context, password string, limit time.Duration) (session, error) {
	connector, err := mysql.NewConnector(s.mysqlConfig(password, limit))
	if err != nil {
		return nil, err
	}
	p, err := s.open(ctx, sql.OpenDB(connector))
	if err != nil {
		return nil, err
	}
	var version string
	if err = p.conn.QueryRowContext(ctx, "SELECT version()").Scan(&version); err == nil {
		bound := fmt.Sprintf("SET SESSION max_execution_time = %d", limit.Milliseconds())
		if strings.Contains(strings.ToLower(version), "mariadb") {
			bound = fmt.Sprintf("SET SESSION max_statement_time = %d", int(limit.Seconds()))
		}
		_, err = p.conn.ExecContext(ctx, bound)
	}
	var unknown *mysql.MySQLError
	if err != nil && !(errors.As(err, &unknown) && unknown.Number == 1193) { // old servers have no such bound; ours holds there too
		p.close()
		return nil, err
	}
	// For the session too: a statement that ends the transaction by itself begins the next one, which must not write either.
	if _, err := p.conn.ExecContext(ctx, "SET SESSION TRANSACTION READ ONLY"); err != nil {
		p.close()
		return nil, err
	}
	return p, p.begin(&sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
}

func (s *Source) sqlServerConfig(password string) (msdsn.Config, error) {
	options := url.Values{"database": {s.Database}, "app name": {application}, "ApplicationIntent": {"ReadOnly"}, "dial timeout": {strconv.Itoa(int(dialTime.Seconds()))},
		"encrypt": {"true"}, "TrustServerCertificate": {strconv.FormatBool(s.Encryption == Unverified)}, "tlsmin": {"1.2"}}
	if s.Encryption == Plain {
		options.Set("encrypt", "disable")
	}
	// Without the user and the password: what is not in the text cannot get into an error about it.
	cfg, err := msdsn.Parse((&url.URL{Scheme: "sqlserver", Host: net.JoinHostPort(s.Host, portText(s.Port)), RawQuery: options.Encode()}).String())
	if err != nil {
		return cfg, err
	}
	cfg.User, cfg.Password, cfg.LogFlags = s.Username, password, 0
	return cfg, nil
}

func (s *Source) dialSQLServer(ctx context.Context, password string) (session, error) {
	cfg, err := s.sqlServerConfig(password)
	if err != nil {
		return nil, err
	}
	p, err := s.open(ctx, sql.OpenDB(mssql.NewConnectorConfig(cfg)))
	if err != nil {
		return nil, err
	}
	// There are no read-only transactions; this one is rolled back, whatever happened in it.
	return p, p.begin(&sql.TxOptions{})
}

// pooled is a session through database/sql.
type pooled struct {
	source *Source
	pool   *sql.DB
	conn   *sql.Conn
	tx     *sql.Tx
}

func (s *Source) open(ctx context.Context, pool *sql.DB) (*pooled, error) {
	pool.SetMaxOpenConns(1)
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return &pooled{source: s, pool: pool, conn: conn}, nil
}

// begin starts the transaction apart from the context of dialling, which ends before it.
func (p *pooled) begin(options *sql.TxOptions) error {
	var err error
	if p.tx, err = p.conn.BeginTx(context.Background(), options); err != nil {
		p.close()
	}
	return err
}

func (p *pooled) close() {
	if p.tx != nil {
		_ = p.tx.Rollback()
	}
	_ = p.conn.Close()
	_ = p.pool.Close()
}

func (p *pooled) query(ctx context.Context, question, since string) (table, error) {
	text, uses := statement.Prepare(p.source.Driver, question)
	var args []any
	switch {
	case uses > 0 && p.source.Driver == SQLServer: // one parameter, named as often as wanted
		args = []any{sinceFor(SQLServer, since)}
	case uses > 0:
		for range uses {
			args = append(args, sinceFor(MySQL, since))
		}
	}
	rows, err := p.tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, p.source.explain(err)
	}
	types, err := rows.ColumnTypes()
	if err == nil && len(types) == 0 {
		err = errNoColumns
	}
	if err != nil {
		return nil, p.source.explain(errors.Join(err, rows.Close()))
	}
	t := &pooledTable{source: p.source, rows: rows, values: make([]any, len(types)), into: make([]any, len(types))}
	for i, c := range types {
		t.names, t.types = append(t.names, c.Name()), append(t.types, c.DatabaseTypeName())
		t.into[i] = &t.values[i]
	}
	return t, nil
}

// sinceFor makes the watermark a value that the server compares exactly: MySQL compares texts with numbers as floats, and
// what SQL Server reads in a text depends on its language.
func sinceFor(driver, since string) any {
	if n, err := strconv.ParseInt(since, 10, 64); err == nil {
		return n
	}
	if m, ok := parseMark(since); ok && m.number == nil && driver == SQLServer {
		return civil.DateTimeOf(m.at.UTC())
	}
	return since
}

type pooledTable struct {
	source *Source
	rows   *sql.Rows
	names  []string
	types  []string
	values []any
	into   []any
}

func (t *pooledTable) columns() []string { return t.names }

func (t *pooledTable) next() ([]string, error) {
	if !t.rows.Next() {
		if err := errors.Join(t.rows.Err(), t.rows.Close()); err != nil {
			return nil, t.source.explain(err)
		}
		return nil, io.EOF
	}
	if err := t.rows.Scan(t.into...); err != nil {
		return nil, t.source.explain(err)
	}
	cells := make([]string, len(t.values))
	for i, v := range t.values {
		cells[i] = cellText(v, t.types[i])
	}
	return cells, nil
}

func (t *pooledTable) close() { _ = t.rows.Close() }
