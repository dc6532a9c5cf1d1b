package wallet_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

// facts are the tables that the step and the scoring read, as the words that know them make them.
var facts = []string{
	"CREATE TABLE customer (id UUID, code VARCHAR, name VARCHAR, kind VARCHAR, industry VARCHAR, size_employees INTEGER, country VARCHAR, owner_id UUID, unit_id UUID)",
	"CREATE TABLE ownership (customer_id UUID, valid_from DATE, owner_id UUID, unit_id UUID)",
	"CREATE TABLE potential (id UUID, customer_id UUID, amount BIGINT, source VARCHAR, valid_from DATE)",
	"CREATE TABLE purchase (customer_id UUID, purchase_date DATE, revenue BIGINT, cost BIGINT, product_id UUID)",
	"CREATE TABLE product (id UUID, code VARCHAR, name VARCHAR, category_id UUID)",
	"CREATE TABLE product_category (id UUID, code VARCHAR, name VARCHAR, parent_id UUID)",
}

// world is a warehouse of a company that counts in euro, with a window of twelve months.
type world struct {
	warehouse   *engine.Warehouse
	definitions *wallet.Definitions
	scorer      *scoring.Scorer
	statements  int
}

func newWorld(t testing.TB) *world {
	t.Helper()
	clock := func() time.Time { return time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC) }
	w := &world{definitions: wallet.NewDefinitions(setting.NewStore(testkit.DB(t), clock))}
	steps := []scoring.Step{wallet.Step(w.definitions)}
	own, err := scoring.Schema(steps)
	if err != nil {
		t.Fatal(err)
	}
	w.warehouse = testkit.Warehouse(t, append(own, facts...)...)
	w.scorer, err = scoring.New(scoring.Config{Warehouse: w.warehouse, Projection: w, Window: w, Currency: w, Steps: steps, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// CatchUp has nothing to bring: the tests write the facts themselves.
func (*world) CatchUp(context.Context) error { return nil }

// WindowMonths is a year.
func (*world) WindowMonths(context.Context) (int, error) { return 12, nil }

// Base is the euro: 100 minor units, 10,000 fine units.
func (*world) Base(context.Context) (string, error) { return "EUR", nil }

// The commands, whose answers were computed by hand; "-" is NULL, and cells at the end of a row may be left out:
//
//	customers       code | industry | employees | country
//	categories      code | the one above | name
//	products        code | category
//	potentials      customer | minor units | source | valid from
//	purchases       customer | date | revenue | cost, both fine units | product
//	define JSON     changes the settings, the rest as it is unless somebody changes it
//	score DATE      code | revenue | cost | lines | last purchase | potential | source | share | unused
//	traits DATE     code | category it buys most | size
//	potential DATE  code | potential | source | since
//	estimates DATE  code | potential | source | since | alike by | alike | estimate | from | to | white category | white space
func TestScenarios(t *testing.T) {
	t.Parallel()
	testkit.Scenarios(t, "testdata/*.txt", func(t *testing.T) map[string]testkit.Command {
		w := newWorld(t)
		return map[string]testkit.Command{
			"customers": w.rows(`INSERT INTO customer (id, code, name, industry, size_employees, country)
				VALUES (md5(:a)::uuid, :a, :a, :b, cast(:c AS integer), :d)`),
			"categories": w.rows("INSERT INTO product_category VALUES (md5(:a)::uuid, :a, :c, md5(:b)::uuid)"),
			"products":   w.rows("INSERT INTO product VALUES (md5(:a)::uuid, :a, :a, md5(:b)::uuid)"),
			"potentials": w.rows(`INSERT INTO potential (id, customer_id, amount, source, valid_from)
				VALUES (cast(lpad(cast(:no AS varchar), 32, '0') AS uuid), md5(:a)::uuid, cast(:b AS bigint), :c, cast(:d AS date))`),
			"purchases": w.rows(`INSERT INTO purchase (customer_id, purchase_date, revenue, cost, product_id)
				VALUES (md5(:a)::uuid, cast(:b AS date), cast(:c AS bigint), cast(:d AS bigint), md5(:e)::uuid)`),
			"define":    w.define,
			"score":     w.score("revenue", "cost", "lines", "last_purchase", "potential", "potential_source", "share", "unused"),
			"traits":    w.score("main_category", "size_band"),
			"potential": w.score("potential", "potential_source", "potential_since"),
			"estimates": w.score("potential", "potential_source", "potential_since", "alike_by", "alike", "potential_estimate", "potential_low", "potential_high",
				"white_category", "white_space"),
		}
	})
}

func (w *world) define(t *testing.T, text, _ string) []string {
	def := wallet.DefaultDefinition()
	if err := json.Unmarshal([]byte(text), &def); err != nil {
		t.Fatal(err)
	}
	_, version, err := w.definitions.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.definitions.Put(t.Context(), version, def); err != nil {
		t.Fatal(err)
	}
	return nil
}

// rows carries a statement out for each row of the input; :a to :e are its cells and :no grows from row to row.
func (w *world) rows(statement string) testkit.Command {
	return func(t *testing.T, _, input string) []string {
		for line := range strings.SplitSeq(input, "\n") {
			w.statements++
			args := engine.Args{"a": nil, "b": nil, "c": nil, "d": nil, "e": nil}
			if strings.Contains(statement, ":no") {
				args["no"] = w.statements
			}
			for i, cell := range strings.Split(line, "|") {
				cell = strings.TrimSpace(cell)
				if args[string(rune('a'+i))] = cell; cell == "-" {
					args[string(rune('a'+i))] = nil
				}
			}
			if _, err := w.warehouse.Exec(t.Context(), statement, args); err != nil {
				t.Fatal(err)
			}
		}
		return nil
	}
}

// score scores the date and writes the columns of each customer.
func (w *world) score(columns ...string) testkit.Command {
	return func(t *testing.T, asOf, _ string) []string {
		v, err := w.scorer.Score(t.Context(), date.Date(asOf), nil)
		if err != nil {
			t.Fatal(err)
		}
		question := "SELECT concat_ws(' | ', code"
		for _, c := range columns {
			question += ", coalesce(cast(" + c + " AS varchar), '-')"
		}
		return w.ask(t, question+") FROM score WHERE version = :version ORDER BY code", engine.Args{"version": v.Version})
	}
}

// ask returns the one text of each row.
func (w *world) ask(t testing.TB, question string, args engine.Args) (out []string) {
	t.Helper()
	rows, err := w.warehouse.Query(t.Context(), question, args)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
