package statement

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	const all = ""
	tests := []struct {
		driver, text string
		since        bool
		problem      string // part of what is said; "" when the statement is taken
	}{
		{all, "SELECT * FROM sale", false, ""},
		{all, "select a, b from sale where id > :since", true, ""},
		{all, "  -- what was sold\n SELECT 1;  ", false, ""},
		{all, "/* first */ WITH x AS (SELECT 1 AS a) SELECT a FROM x", false, ""},
		{all, "SELECT 'DELETE; -- it''s a text' AS a", false, ""},
		{all, "SELECT s.update FROM s", false, ""},
		{all, "SELECT updated_at, created, description FROM s", false, ""},
		{all, "SELECT ':since'", false, ""},
		{all, "SELECT 1 -- :since", false, ""},
		{all, "SELECT :sincere", false, ""},
		{PostgreSQL, "SELECT a::since, b::text FROM s", false, ""},
		{PostgreSQL, `SELECT "delete", $$drop; table$$, $x$ '" $x$, E'it\'s; drop' FROM s WHERE a >= :since AND b > :since`, true, ""},
		{PostgreSQL, "SELECT 1 /* a /* nested; */ DELETE */", false, ""},
		{PostgreSQL, "SELECT a ? 'b' FROM s", false, ""},
		{MySQL, "SELECT `update`, 'it\\'s; drop', \"x; drop\" FROM s # drop; it", false, ""},
		{MySQL, "SELECT 2--1", false, ""},
		{SQLServer, "SELECT [delete], [a]]; drop] FROM s WHERE d > :since", true, ""},

		{all, "", false, "begins with SELECT"},
		{all, ";", false, "begins with SELECT"},
		{all, "-- nothing", false, "begins with SELECT"},
		{all, "UPDATE s SET a = 1", false, "begins with SELECT"},
		{all, "EXPLAIN SELECT 1", false, "begins with SELECT"},
		{all, "SELECT 1; SELECT 2", false, "one statement"},
		{all, "SELECT 1; DROP TABLE s", false, "one statement"},
		{all, "SELECT 1 DROP TABLE s", false, "DROP"},
		{all, "WITH x AS (SELECT 1 AS a) DELETE FROM s", false, "DELETE"},
		{all, "WITH x AS (INSERT INTO s VALUES (1) RETURNING a) SELECT a FROM x", false, "INSERT"},
		{all, "SELECT * INTO copy FROM s", false, "INTO"},
		{all, "SELECT * FROM s FOR UPDATE", false, "UPDATE"},
		{all, "SELECT * FROM s LOCK IN SHARE MODE", false, "LOCK"},
		{all, "SELECT 1 exec xp_cmdshell 'x'", false, "EXEC"},
		{all, "SELECT 'open", false, "never closed"},
		{all, "SELECT 1 /* open", false, "never closed"},
		{PostgreSQL, "SELECT $x$ open", false, "never closed"},
		{PostgreSQL, `SELECT 'a\' ; DROP TABLE s --'`, false, "one statement"}, // no escape without the E
		{MySQL, `SELECT 'a\\' ; DROP TABLE s -- '`, false, "one statement"},
		{MySQL, "SELECT 1 /*! INTO OUTFILE '/tmp/x' */", false, "carried out"},
		{MySQL, "SELECT * FROM s WHERE id > ?", false, ":since"},
		{MySQL, "SELECT 1 /* a /* not nested */ DELETE", false, "DELETE"},
		{SQLServer, "SELECT [a] delete FROM s", false, "DELETE"},
		{SQLServer, "SELECT * FROM OPENROWSET(BULK 'c:\\x', SINGLE_CLOB) AS x", false, "OPENROWSET"},
	}
	for _, tt := range tests {
		on := []string{tt.driver}
		if tt.driver == all {
			on = []string{PostgreSQL, MySQL, SQLServer}
		}
		for _, driver := range on {
			since, err := Check(driver, tt.text)
			switch {
			case tt.problem == "" && err != nil:
				t.Errorf("%s: %q was refused: %v", driver, tt.text, err)
			case tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem)):
				t.Errorf("%s: %q: got %v, want a refusal that tells of %q", driver, tt.text, err, tt.problem)
			case since != tt.since:
				t.Errorf("%s: %q: uses :since %v, want %v", driver, tt.text, since, tt.since)
			}
		}
	}
}

func TestPrepare(t *testing.T) {
	const text = "SELECT ':since', a::text FROM s WHERE a > :since OR b > :since ;"
	for driver, want := range map[string]string{
		PostgreSQL: "SELECT ':since', a::text FROM s WHERE a > $1 OR b > $1 ;",
		MySQL:      "SELECT ':since', a::text FROM s WHERE a > ? OR b > ? ;",
		SQLServer:  "SELECT ':since', a::text FROM s WHERE a > @p1 OR b > @p1 ;",
	} {
		if got, uses := Prepare(driver, text); got != want || uses != 2 {
			t.Errorf("%s: got %q with %d uses, want %q with 2", driver, got, uses, want)
		}
	}
}
