package scoring_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

// facts are the tables that scoring reads, as the words above it make them.
func facts() []string {
	return []string{
		"CREATE TABLE customer (id UUID, code VARCHAR, name VARCHAR, kind VARCHAR, industry VARCHAR, country VARCHAR, owner_id UUID, unit_id UUID)",
		"CREATE TABLE ownership (customer_id UUID, valid_from DATE, owner_id UUID, unit_id UUID)",
		"CREATE TABLE potential (id UUID, customer_id UUID, amount BIGINT, source VARCHAR, valid_from DATE)",
		"CREATE TABLE purchase (customer_id UUID, purchase_date DATE, revenue BIGINT, cost BIGINT)",
	}
}

func steps() []scoring.Step { return []scoring.Step{wallet.Step(nil)} }

func config(t testing.TB, path string) engine.Config {
	t.Helper()
	own, err := scoring.Schema(steps())
	if err != nil {
		t.Fatal(err)
	}
	return engine.Config{Path: path, Schema: append(facts(), own...)}
}

func open(t testing.TB, path string) *engine.Warehouse {
	t.Helper()
	w, err := engine.Open(context.Background(), config(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func warehouse(t testing.TB) *engine.Warehouse {
	t.Helper()
	w := open(t, filepath.Join(t.TempDir(), "warehouse.duckdb"))
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// still is a projection that has nothing to bring.
type still struct{}

func (still) CatchUp(context.Context) error { return nil }

type months int

func (m months) WindowMonths(context.Context) (int, error) { return int(m), nil }

type money string

func (m money) Base(context.Context) (string, error) { return string(m), nil }

func clock() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

func scorer(t testing.TB, w *engine.Warehouse, window int, currency string) *scoring.Scorer {
	t.Helper()
	s, err := scoring.New(scoring.Config{Warehouse: w, Projection: still{}, Window: months(window), Currency: money(currency), Steps: steps(), Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func run(t testing.TB, w *engine.Warehouse, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := w.Exec(context.Background(), s, nil); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func table(t testing.TB, w *engine.Warehouse, question string) string {
	t.Helper()
	rows, err := w.Query(context.Background(), question, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range into {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			if i > 0 {
				b.WriteString(" | ")
			}
			if at, ok := v.(time.Time); ok {
				v = at.Format(time.DateOnly)
			}
			if v == nil {
				v = "-"
			}
			fmt.Fprint(&b, v)
		}
		b.WriteByte('\n')
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func score(t testing.TB, s *scoring.Scorer, asOf date.Date) scoring.Version {
	t.Helper()
	v, err := s.Score(context.Background(), asOf, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// digest is a fingerprint of all rows in the order in which they stand, without the number of the version.
func digest(t testing.TB, w *engine.Warehouse) string {
	t.Helper()
	var all strings.Builder
	for _, name := range []string{"score", "score_sum", "score_history"} {
		all.WriteString(table(t, w, "SELECT s.* EXCLUDE (version) FROM "+name+" s ORDER BY s.rowid"))
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(all.String())))
}

// many fills the warehouse with n customers whose figures repeat often, so that ties abound.
func many(t testing.TB, w *engine.Warehouse, n int) {
	t.Helper()
	run(t, w,
		fmt.Sprintf("INSERT INTO customer SELECT cast(lpad(cast(i AS VARCHAR), 32, '0') AS UUID), 'C' || i, 'Name ' || i %% 100, 'organisation', 'Industry ' || i %% 7, 'DK', NULL, NULL FROM range(%d) t(i)", n),
		"INSERT INTO ownership SELECT id, DATE '1900-01-01', id, id FROM customer WHERE code < 'C5'",
		"INSERT INTO potential SELECT id, id, 100 * (1 + cast(hash(code) % 50 AS BIGINT)), 'declared', DATE '2020-01-01' FROM customer WHERE code < 'C7'",
		"INSERT INTO purchase SELECT id, DATE '2026-01-01', 10000 * (cast(hash(code) % 20 AS BIGINT) - 3), 5000 FROM customer WHERE code < 'C8'")
}

func TestCurrencyWithoutDecimals(t *testing.T) {
	t.Parallel()
	w := warehouse(t)
	many(t, w, 1)
	run(t, w, "DELETE FROM purchase", "DELETE FROM potential",
		"INSERT INTO purchase SELECT id, DATE '2026-01-01', 25000000, 0 FROM customer", // 2,500 yen
		"INSERT INTO potential SELECT id, id, 10000, 'declared', DATE '2020-01-01' FROM customer")
	score(t, scorer(t, w, 12, "JPY"), "2026-06-30")
	if got := table(t, w, "SELECT share, unused FROM score"); got != "0.25 | 7500\n" {
		t.Error(got)
	}
}

func TestOwnerAndUnitAreThoseOfTheDate(t *testing.T) {
	t.Parallel()
	w := warehouse(t)
	many(t, w, 1)
	run(t, w, "DELETE FROM ownership",
		"INSERT INTO ownership SELECT id, DATE '2026-01-01', cast('11111111-1111-7111-8111-111111111111' AS UUID), cast('22222222-2222-7222-8222-222222222222' AS UUID) FROM customer",
		"INSERT INTO ownership SELECT id, DATE '2026-03-01', NULL, cast('33333333-3333-7333-8333-333333333333' AS UUID) FROM customer")
	s := scorer(t, w, 12, "EUR")
	for _, test := range []struct{ asOf, want string }{
		{"2025-12-31", "- | -\n"},
		{"2026-01-01", "11111111-1111-7111-8111-111111111111 | 22222222-2222-7222-8222-222222222222\n"},
		{"2026-02-28", "11111111-1111-7111-8111-111111111111 | 22222222-2222-7222-8222-222222222222\n"},
		{"2026-03-01", "- | 33333333-3333-7333-8333-333333333333\n"},
	} {
		v := score(t, s, date.Date(test.asOf))
		if got := table(t, w, fmt.Sprintf("SELECT cast(owner_id AS VARCHAR), cast(unit_id AS VARCHAR) FROM score WHERE version = %d", v.Version)); got != test.want {
			t.Errorf("as of %s: got %swant %s", test.asOf, got, test.want)
		}
	}
}

func TestScoringAgainReplacesTheDateAndGivesTheSameRows(t *testing.T) {
	t.Parallel()
	w := warehouse(t)
	many(t, w, 5000)
	s := scorer(t, w, 12, "EUR")
	first := score(t, s, "2026-06-30")
	before := digest(t, w)
	second := score(t, s, "2026-06-30")
	if second.Version <= first.Version {
		t.Errorf("version %d does not follow %d", second.Version, first.Version)
	}
	if after := digest(t, w); after != before {
		t.Error("the same facts gave other rows")
	}
	other := score(t, s, "2026-05-31")
	versions, err := s.List(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(versions) != 2 || versions[0].Version != second.Version || versions[1].Version != other.Version || versions[0].Customers != 5000 {
		t.Errorf("versions: %+v", versions)
	}
	if got := table(t, w, "SELECT count(*), count(DISTINCT version) FROM score"); got != "10000 | 2\n" {
		t.Errorf("rows of replaced versions are left: %s", got)
	}
	if latest, err := s.Latest(context.Background()); err != nil || latest.AsOf != "2026-06-30" {
		t.Errorf("latest: %+v, %v", latest, err)
	}
}

// Each version has, for each sortable column, the ranks 1 to n of the rows that have a value.
func TestRanksAreCompleteAndInOrder(t *testing.T) {
	t.Parallel()
	w := warehouse(t)
	many(t, w, 3000)
	score(t, scorer(t, w, 12, "EUR"), "2026-06-30")
	for _, c := range []string{"code", "name", "industry", "country", "revenue", "last_purchase", "potential", "share", "unused"} {
		got := table(t, w, fmt.Sprintf("SELECT count(DISTINCT by_%[1]s) = count(%[1]s), min(by_%[1]s), max(by_%[1]s) = count(%[1]s), count_if((by_%[1]s IS NULL) <> (%[1]s IS NULL)) FROM score", c))
		if got != "true | 1 | true | 0\n" {
			t.Errorf("%s: %s", c, got)
		}
		got = table(t, w, fmt.Sprintf("SELECT count(*) FROM (SELECT lower(cast(%[1]s AS VARCHAR)) <> lower(cast(p AS VARCHAR)) AND %[1]s < p AS wrong FROM (SELECT %[1]s, lag(%[1]s) OVER (ORDER BY by_%[1]s) AS p FROM score WHERE by_%[1]s IS NOT NULL)) WHERE wrong", c))
		if got != "0\n" {
			t.Errorf("%s is out of order %s times", c, got)
		}
	}
	if got := table(t, w, "SELECT count(*) FROM (SELECT revenue > lag(revenue) OVER (ORDER BY rowid) AS up FROM score) WHERE up"); got != "0\n" {
		t.Error("the rows do not stand in falling order of revenue")
	}
}

func TestSumsAreThoseOfTheRows(t *testing.T) {
	t.Parallel()
	w := warehouse(t)
	many(t, w, 3000)
	score(t, scorer(t, w, 12, "EUR"), "2026-06-30")
	raw := table(t, w, "SELECT count(*), sum(revenue), sum(potential), sum(unused) FROM score")
	for name, question := range map[string]string{
		"score_sum":     "SELECT sum(customers), sum(revenue), sum(potential), sum(unused) FROM score_sum",
		"score_history": "SELECT count(*), sum(revenue), sum(potential), sum(unused) FROM score_history",
	} {
		if got := table(t, w, question); got != raw {
			t.Errorf("%s: got %swant %s", name, got, raw)
		}
	}
	if got, want := table(t, w, "SELECT sum(revenue) FROM score"), table(t, w, "SELECT sum(revenue) FROM purchase"); got != want {
		t.Errorf("revenue of the score %s, of the facts %s", got, want)
	}
}

// What a step keeps beside score comes and goes with its version.
func TestStepsKeepRowsOfTheirOwn(t *testing.T) {
	t.Parallel()
	step := wallet.Step(nil)
	step.Keeps = []scoring.Keep{{Name: "by_industry", Columns: []scoring.Column{{Name: "industry", Type: scoring.Text}, {Name: "bought", Type: scoring.Whole}},
		SQL: "SELECT c.industry, cast(sum(s.revenue) AS bigint) AS bought FROM step_wallet s JOIN customer c ON c.id = s.customer_id GROUP BY c.industry"}}
	own, err := scoring.Schema([]scoring.Step{step})
	if err != nil {
		t.Fatal(err)
	}
	w := testkit.Warehouse(t, append(facts(), own...)...)
	many(t, w, 1000)
	s, err := scoring.New(scoring.Config{Warehouse: w, Projection: still{}, Window: months(12), Currency: money("EUR"), Steps: []scoring.Step{step}, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	score(t, s, "2026-05-31")
	score(t, s, "2026-06-30")
	again := score(t, s, "2026-06-30")
	if got := table(t, w, "SELECT count(*), count(DISTINCT version), max(version) FROM by_industry"); got != fmt.Sprintf("14 | 2 | %d\n", again.Version) {
		t.Errorf("rows, versions and the last one: %s", got)
	}
	if got, want := table(t, w, "SELECT version, sum(bought) FROM by_industry GROUP BY version ORDER BY 1"), table(t, w, "SELECT version, sum(revenue) FROM score GROUP BY version ORDER BY 1"); got != want {
		t.Errorf("kept %swant %s", got, want)
	}
	if err := s.Remove(context.Background(), "2026-06-30"); err != nil {
		t.Fatal(err)
	}
	if got := table(t, w, "SELECT count(DISTINCT version), max(version) FROM by_industry"); got != "1 | 1\n" {
		t.Errorf("after one is removed: %s", got)
	}
	step.Keeps[0].Name = "score"
	if _, err := scoring.Schema([]scoring.Step{step}); err == nil {
		t.Error("a step may keep rows in the table of all steps")
	}
}

func TestDatesThatCannotBeScored(t *testing.T) {
	t.Parallel()
	s := scorer(t, warehouse(t), 12, "EUR")
	for _, asOf := range []date.Date{"", "2026-02-30", "1492-10-12", "2026-11-24", "'; DROP TABLE score"} {
		if _, err := s.Score(context.Background(), asOf, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", asOf, err)
		}
	}
	if _, err := s.Score(context.Background(), "2026-11-23", nil); err != nil {
		t.Errorf("tomorrow, which is today in the east: %v", err)
	}
}

func TestLookingForVersions(t *testing.T) {
	t.Parallel()
	w := warehouse(t)
	s := scorer(t, w, 12, "EUR")
	if _, err := s.Latest(context.Background()); !errors.Is(err, scoring.ErrEmpty) {
		t.Error(err)
	}
	if _, err := s.At(context.Background(), "2026-06-30"); !errors.Is(err, scoring.ErrEmpty) {
		t.Error(err)
	}
	score(t, s, "2026-06-30")
	if _, err := s.At(context.Background(), "2026-06-29"); !errors.Is(err, scoring.ErrNotScored) {
		t.Error(err)
	}
	if v, err := s.At(context.Background(), "2026-06-30"); err != nil || v.Customers != 0 || !v.ComputedAt.Equal(clock()) {
		t.Errorf("%+v %v", v, err)
	}
}

func TestStepsThatAreWronglyMade(t *testing.T) {
	t.Parallel()
	good := wallet.Step(nil)
	for name, s := range map[string][]scoring.Step{
		"none":            {},
		"no SQL":          {{Name: "x", Columns: good.Columns}},
		"hostile name":    {{Name: "x; DROP", Columns: good.Columns, SQL: "SELECT 1"}},
		"taken column":    {{Name: "x", SQL: "SELECT 1", Columns: []scoring.Column{{Name: "name", Type: scoring.Text, Doc: "d"}}}},
		"same step twice": {good, good},
		"no definition":   {{Name: "x", SQL: "SELECT 1", Columns: []scoring.Column{{Name: "y", Type: scoring.Text}}}},
	} {
		if _, err := scoring.New(scoring.Config{Steps: s}); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
