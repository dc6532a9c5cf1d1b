package testkit

import (
	"database/sql"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/kvadrant/kvadrant/internal/id"
)

// MariaDBVariable names the environment variable with the address of a MariaDB or MySQL server on which tests may make
// databases, as user:password@host:port.
const MariaDBVariable = "KVADRANT_TEST_MARIADB"

// Foreign is a database of another system: empty, and gone when the test ends.
type Foreign struct {
	Driver             string // "pgx" or "mysql", for database/sql
	Host               string
	Port               int
	Database           string
	Username, Password string
	Admin              *sql.DB // may do everything
}

// ForeignMariaDB makes a database on the MariaDB server, or skips where none is named.
func ForeignMariaDB(t testing.TB) Foreign {
	t.Helper()
	address := os.Getenv(MariaDBVariable)
	if address == "" {
		t.Skip(MariaDBVariable + " is not set: make test starts a server")
	}
	login, host, _ := strings.Cut(address, "@")
	user, password, _ := strings.Cut(login, ":")
	f := Foreign{Driver: "mysql", Username: user, Password: password, Database: "t_" + strings.ReplaceAll(string(id.New()), "-", "")}
	f.at(t, host)
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", host, user, password
	server := f.connect(t, cfg.FormatDSN())
	f.exec(t, server, "CREATE DATABASE "+f.Database)
	t.Cleanup(func() { f.exec(t, server, "DROP DATABASE "+f.Database) })
	cfg.DBName = f.Database
	f.Admin = f.connect(t, cfg.FormatDSN())
	return f
}

// ForeignPostgres makes a database on the PostgreSQL server, or skips where none is named. That server trusts everybody on
// loopback, so the password is never looked at.
func ForeignPostgres(t testing.TB) Foreign {
	t.Helper()
	address := PostgresURL(t)
	rest := strings.TrimPrefix(strings.TrimPrefix(address, "postgresql://"), "postgres://")
	login, rest, _ := strings.Cut(rest, "@")
	host, name, _ := strings.Cut(rest, "/")
	f := Foreign{Driver: "pgx"}
	f.Username, f.Password, _ = strings.Cut(login, ":")
	f.Database, _, _ = strings.Cut(name, "?")
	f.at(t, host)
	f.Admin = f.connect(t, address)
	return f
}

func (f *Foreign) at(t testing.TB, address string) {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	f.Host = host
	if f.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
}

func (f *Foreign) connect(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	pool, err := sql.Open(f.Driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

func (f *Foreign) exec(t testing.TB, on *sql.DB, text string) {
	t.Helper()
	if _, err := on.Exec(text); err != nil {
		t.Fatal(err)
	}
}

// Exec runs statements, one after the other.
func (f *Foreign) Exec(t testing.TB, statements ...string) {
	t.Helper()
	for _, text := range statements {
		f.exec(t, f.Admin, text)
	}
}

// Fill makes a table with these columns, given as "name type", and puts rows of texts into it; an empty text is NULL.
func (f *Foreign) Fill(t testing.TB, table string, columns []string, rows [][]string) {
	t.Helper()
	f.Exec(t, fmt.Sprintf("CREATE TABLE %s (%s)", table, strings.Join(columns, ", ")))
	f.Insert(t, table, rows)
}

// Insert puts rows of texts into a table, an empty text as NULL.
func (f *Foreign) Insert(t testing.TB, table string, rows [][]string) {
	t.Helper()
	const atOnce = 500
	for from := 0; from < len(rows); from += atOnce {
		var text strings.Builder
		text.WriteString("INSERT INTO " + table + " VALUES ")
		for i, row := range rows[from:min(from+atOnce, len(rows))] {
			if i > 0 {
				text.WriteString(",")
			}
			cells := make([]string, len(row))
			for j, cell := range row {
				if cells[j] = "NULL"; cell != "" {
					cells[j] = "'" + strings.NewReplacer("'", "''", `\`, "").Replace(cell) + "'"
				}
			}
			text.WriteString("(" + strings.Join(cells, ",") + ")")
		}
		f.exec(t, f.Admin, text.String())
	}
}
