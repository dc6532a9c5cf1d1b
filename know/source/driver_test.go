package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"
	"github.com/google/go-cmp/cmp"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

// foreign runs a test on a real database of each server that can be had.
func foreign(t *testing.T, test func(t *testing.T, f testkit.Foreign, s Source)) {
	t.Run("postgresql", func(t *testing.T) {
		f := testkit.ForeignPostgres(t)
		test(t, f, at(f, PostgreSQL))
	})
	t.Run("mariadb", func(t *testing.T) {
		f := testkit.ForeignMariaDB(t)
		test(t, f, at(f, MySQL))
	})
}

func at(f testkit.Foreign, driver string) Source {
	return Source{Name: "ERP", Driver: driver, Host: f.Host, Port: int64(f.Port), Database: f.Database, Username: f.Username, Encryption: Plain}
}

// all runs a statement in a session of its own and returns its rows, with the columns first.
func all(t *testing.T, s Source, password, statement, since string) ([][]string, error) {
	t.Helper()
	opened, err := s.dial(t.Context(), password, 20*time.Second)
	if err != nil {
		return nil, err
	}
	defer opened.close()
	tab, err := opened.query(t.Context(), statement, since)
	if err != nil {
		return nil, err
	}
	defer tab.close()
	rows := [][]string{tab.columns()}
	for {
		cells, err := tab.next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, cells)
	}
}

func TestValuesLoseNothing(t *testing.T) {
	foreign(t, func(t *testing.T, f testkit.Foreign, s Source) {
		float, stamp := "double precision", "timestamp(6)"
		if s.Driver == MySQL {
			float, stamp = "double", "datetime(6)"
		}
		f.Fill(t, "thing", []string{"id bigint", "amount decimal(30,10)", "rate " + float, "day date", "at " + stamp, "name varchar(100)", "small char(5)"}, [][]string{
			{"9007199254740993", "12345678901234567890.1234567891", "0.1", "2026-10-31", "2026-10-31 23:59:59.123456", "Ørsted; \"A\", b\nc", "x"},
			{"-1", "0", "1e-7", "1899-12-31", "2026-01-01 00:00:00", "  two blanks  ", "abcde"},
			{"", "", "", "", "", "", ""},
		})
		got, err := all(t, s, f.Password, "SELECT * FROM thing ORDER BY coalesce(id, -2) DESC", "")
		if err != nil {
			t.Fatal(err)
		}
		tiny, whole, padded := "1e-07", "2026-01-01 00:00:00", "x    " // as PostgreSQL writes them
		if s.Driver == MySQL {
			tiny, whole, padded = "0.0000001", "2026-01-01 00:00:00.000000", "x"
		}
		want := [][]string{{"id", "amount", "rate", "day", "at", "name", "small"},
			{"9007199254740993", "12345678901234567890.1234567891", "0.1", "2026-10-31", "2026-10-31 23:59:59.123456", "Ørsted; \"A\", b\nc", padded},
			{"-1", "0.0000000000", tiny, "1899-12-31", whole, "  two blanks  ", "abcde"},
			{"", "", "", "", "", "", ""}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSinceBindsExactly(t *testing.T) {
	foreign(t, func(t *testing.T, f testkit.Foreign, s Source) {
		stamp := "timestamp"
		if s.Driver == MySQL {
			stamp = "datetime"
		}
		f.Fill(t, "sale", []string{"id bigint", "day date", "at " + stamp, "part decimal(20,4)"}, [][]string{
			{"9007199254740992", "2026-10-30", "2026-10-30 10:00:00", "1.5"},
			{"9007199254740993", "2026-10-31", "2026-10-31 10:00:00", "1.5001"},
		})
		for _, tt := range []struct{ where, since, want string }{
			{"id > :since", "9007199254740992", "9007199254740993"}, // as floats they are equal
			{"day > :since", "2026-10-30", "9007199254740993"},
			{"day >= :since AND day >= :since", "2026-10-31", "9007199254740993"},
			{"at > :since", "2026-10-30 10:00:00", "9007199254740993"},
			{"at > :since", "2026-10-31", "9007199254740993"},
			{"part > :since", "1.5000", "9007199254740993"},
		} {
			got, err := all(t, s, f.Password, "SELECT id FROM sale WHERE "+tt.where, tt.since)
			if err != nil || len(got) != 2 || got[1][0] != tt.want {
				t.Errorf("%s with %q: got %v, %v; want %s alone", tt.where, tt.since, got, err, tt.want)
			}
		}
		// The watermark is a value and never a part of the statement.
		if got, err := all(t, s, f.Password, "SELECT id FROM sale WHERE day = :since", "2026-10-31' OR '1'='1"); err == nil && len(got) > 2 {
			t.Errorf("the watermark became a part of the statement: %v", got)
		}
	})
}

// The session is read-only by itself: the check of the statement is not the only guard.
func TestNothingIsWritten(t *testing.T) {
	foreign(t, func(t *testing.T, f testkit.Foreign, s Source) {
		f.Fill(t, "sale", []string{"id bigint"}, [][]string{{"1"}})
		attempts := []string{"INSERT INTO sale VALUES (2)", "DELETE FROM sale", "UPDATE sale SET id = 2", "CREATE TABLE other (id bigint)", "DROP TABLE sale",
			"SELECT 1; DELETE FROM sale"}
		if s.Driver == PostgreSQL {
			attempts = append(attempts, "WITH gone AS (DELETE FROM sale RETURNING id) SELECT id FROM gone", "SELECT set_config('transaction_read_only', 'off', false)")
		}
		for _, attempt := range attempts {
			_, err := all(t, s, f.Password, attempt, "")
			if err == nil {
				t.Errorf("%s was carried out", attempt)
			} else if fault.Of(err) == nil {
				t.Errorf("%s: %v is not said in words", attempt, err)
			}
		}
		var rows, sum int
		if err := f.Admin.QueryRow("SELECT count(*), sum(id) FROM sale").Scan(&rows, &sum); err != nil || rows != 1 || sum != 1 {
			t.Errorf("the table was changed: %d rows, sum %d, %v", rows, sum, err)
		}
	})
}

func TestFailuresSayWhatToDo(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, closed, _ := net.SplitHostPort(free.Addr().String())
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	var closedPort int64
	if _, err := fmt.Sscan(closed, &closedPort); err != nil {
		t.Fatal(err)
	}
	foreign(t, func(t *testing.T, f testkit.Foreign, s Source) {
		if s.Driver == MySQL {
			f.Exec(t, "CREATE TABLE secret_table (id int)", "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'right'", "CREATE TABLE open_table (id int)",
				"GRANT SELECT ON "+f.Database+".open_table TO reader@'127.0.0.1'")
			t.Cleanup(func() { f.Exec(t, "DROP USER reader@'127.0.0.1'") })
		} else {
			f.Exec(t, "CREATE TABLE secret_table (id int)", "CREATE TABLE open_table (id int)", "CREATE ROLE reader LOGIN", "GRANT SELECT ON open_table TO reader")
			t.Cleanup(func() { f.Exec(t, "DROP OWNED BY reader", "DROP ROLE reader") })
		}
		s.Username = "reader"
		tests := []struct {
			name      string
			change    func(*Source)
			password  string
			statement string
			code      string
			field     string
		}{
			{"no such host", func(s *Source) { s.Host = "no-such-host.invalid" }, "right", "SELECT 1", "source.unreachable", "host"},
			{"nothing listens", func(s *Source) { s.Port = closedPort }, "right", "SELECT 1", "source.unreachable", "port"},
			{"no encryption there", func(s *Source) { s.Encryption = Verified }, "right", "SELECT 1", "source.unreachable", "encryption"},
			{"no such user", func(s *Source) { s.Username = "nobody_at_all" }, "right", "SELECT 1", "source.refused", "password"},
			{"no such database", func(s *Source) { s.Database = "no_such_database" }, "right", "SELECT 1", "", ""},
			{"no such table", nil, "right", "SELECT * FROM no_such_table", "", "statement"},
			{"no such column", nil, "right", "SELECT nonsense FROM open_table", "source.no_column", "statement"},
			{"no permission", nil, "right", "SELECT * FROM secret_table", "source.permission", "statement"},
			{"not SQL", nil, "right", "SELECT FROM WHERE", "source.statement", "statement"},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				s := s
				if tt.change != nil {
					tt.change(&s)
				}
				_, err := all(t, s, tt.password, tt.statement, "")
				f := fault.Of(err)
				if f == nil || f.Kind != fault.Invalid || tt.code != "" && f.Code != tt.code || tt.field != "" && (len(f.Fields) != 1 || f.Fields[0].Path != tt.field) {
					t.Fatalf("got %v (%+v), want %s at %s", err, f, tt.code, tt.field)
				}
			})
		}
		if s.Driver == MySQL { // the PostgreSQL server of the tests trusts everybody
			_, err := all(t, s, "wrong", "SELECT 1", "")
			if f := fault.Of(err); f == nil || f.Code != "source.refused" || f.Fields[0].Path != "password" || strings.Contains(err.Error(), "wrong") {
				t.Errorf("wrong password: %v", err)
			}
		}
	})
}

func TestASlowStatementIsStopped(t *testing.T) {
	foreign(t, func(t *testing.T, f testkit.Foreign, s Source) {
		statement := "SELECT pg_sleep(30)"
		if s.Driver == MySQL {
			statement = "SELECT sleep(30) FROM (SELECT 1 UNION SELECT 2) x"
		}
		opened, err := s.dial(t.Context(), f.Password, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		defer opened.close()
		start := time.Now()
		tab, err := opened.query(t.Context(), statement, "")
		if err == nil {
			_, err = tab.next()
		}
		if took := time.Since(start); fault.Of(err) == nil || took > 15*time.Second {
			t.Errorf("got %v after %s, want words after about a second", err, took)
		}
	})
}

func TestACancelledReadingEnds(t *testing.T) {
	foreign(t, func(t *testing.T, f testkit.Foreign, s Source) {
		f.Fill(t, "many", []string{"id int"}, [][]string{{"1"}, {"2"}})
		ctx, cancel := context.WithCancel(t.Context())
		opened, err := s.dial(ctx, f.Password, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		defer opened.close()
		tab, err := opened.query(ctx, "SELECT a.id FROM many a, many b", "")
		if err != nil {
			t.Fatal(err)
		}
		defer tab.close()
		cancel()
		if _, _, err := newTableFile(ctx, tab, defaultLimits(), nil, func(int64) {}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the cancellation", err)
		}
	})
}

// SQL Server cannot be run here. What is sent to it is looked at instead.
func TestSQLServerAddress(t *testing.T) {
	const password = `p@ss;word=1&"`
	s := Source{Driver: SQLServer, Host: "erp.example.com", Port: 1433, Database: "AX&prod", Username: "reader", Encryption: Verified}
	cfg, err := s.sqlServerConfig(password)
	if err != nil {
		t.Fatal(err)
	}
	if !cfg.ReadOnlyIntent {
		t.Error("the connection does not say that it only reads")
	}
	if cfg.Host != s.Host || cfg.Port != 1433 || cfg.Database != s.Database || cfg.User != "reader" || cfg.Password != password || cfg.AppName != application {
		t.Errorf("the address is %+v", cfg)
	}
	if cfg.Encryption != 1 || cfg.TLSConfig == nil || cfg.TLSConfig.InsecureSkipVerify || cfg.TrustServerCertificate {
		t.Errorf("verified: encryption %d, %+v", cfg.Encryption, cfg.TLSConfig)
	}
	s.Encryption = Unverified
	if cfg, err = s.sqlServerConfig(password); err != nil || cfg.Encryption != 1 || !cfg.TrustServerCertificate {
		t.Errorf("unverified: %v, encryption %d, trust %v", err, cfg.Encryption, cfg.TrustServerCertificate)
	}
	s.Encryption = Plain
	if cfg, err = s.sqlServerConfig(password); err != nil || cfg.Encryption != 3 {
		t.Errorf("none: %v, encryption %d", err, cfg.Encryption)
	}
	s.Host = "::1"
	if cfg, err = s.sqlServerConfig(password); err != nil || cfg.Host != "::1" {
		t.Errorf("IPv6: %v, %q", err, cfg.Host)
	}
	if got := sinceFor(SQLServer, "2026-10-31 10:00:00"); got != civil.DateTimeOf(time.Date(2026, 10, 31, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("a date is bound as %T %v", got, got)
	}
	if got := sinceFor(SQLServer, "2026-10-31 10:00:00+02:00"); got != civil.DateTimeOf(time.Date(2026, 10, 31, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("an instant in a zone is bound as %T %v", got, got)
	}
	if got := sinceFor(SQLServer, "42"); got != int64(42) {
		t.Errorf("a key is bound as %T %v", got, got)
	}
}

// No variable of the server's account may send the password elsewhere.
func TestThePostgresAddressIsTheSavedOne(t *testing.T) {
	for name, value := range map[string]string{"PGHOST": "elsewhere.example", "PGUSER": "x", "PGPASSWORD": "x", "PGDATABASE": "x", "PGPORT": "1", "PGSSLMODE": "require", "PGOPTIONS": "-c default_transaction_read_only=off"} {
		t.Setenv(name, value)
	}
	s := Source{Driver: PostgreSQL, Host: "erp.example.com", Port: 5432, Database: "d", Username: "u", Encryption: Plain}
	cfg, err := s.postgresConfig("secret")
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Host != s.Host || cfg.Port != 5432 || cfg.User != "u" || cfg.Password != "secret" || cfg.Database != "d" || cfg.TLSConfig != nil || len(cfg.Fallbacks) != 0 || len(cfg.RuntimeParams) != 1 {
		t.Errorf("the address is %+v", cfg)
	}
}

func TestHosts(t *testing.T) {
	for host, want := range map[string]bool{"erp.example.com": true, "erp": true, "10.0.0.5": true, "::1": true, "erp_1.local": true, "": false, "/var/run/postgresql": false,
		"a,b": false, "user@host": false, "host:5432": false, "http://host": false, "host/path": false, "fe80::1%eth0": false, "-x": false, "a b": false, "x?sslmode=disable": false} {
		if got := isHost(host); got != want {
			t.Errorf("%q: got %v, want %v", host, got, want)
		}
	}
}
