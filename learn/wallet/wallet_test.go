package wallet_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

// facts are the tables that the step and the scoring read, as the words that know them make them.
var facts = []string{
	"CREATE TABLE customer (id UUID, code VARCHAR, name VARCHAR, kind VARCHAR, industry VARCHAR, country VARCHAR, owner_id UUID, unit_id UUID)",
	"CREATE TABLE ownership (customer_id UUID, valid_from DATE, owner_id UUID, unit_id UUID)",
	"CREATE TABLE potential (id UUID, customer_id UUID, amount BIGINT, source VARCHAR, valid_from DATE)",
	"CREATE TABLE purchase (customer_id UUID, purchase_date DATE, revenue BIGINT, cost BIGINT)",
}

// world is a warehouse of a company that counts in euro, with a window of twelve months.
type world struct {
	warehouse  *engine.Warehouse
	scorer     *scoring.Scorer
	statements int
}

// CatchUp has nothing to bring: the tests write the facts themselves.
func (*world) CatchUp(context.Context) error { return nil }

// WindowMonths is a year.
func (*world) WindowMonths(context.Context) (int, error) { return 12, nil }

// Base is the euro: 100 minor units, 10,000 fine units.
func (*world) Base(context.Context) (string, error) { return "EUR", nil }

// The commands, whose answers were computed by hand; "-" is NULL:
//
//	customers   code
//	potentials  customer | minor units | source | valid from
//	purchases   customer | date | revenue | cost, both fine units
//	score DATE  code | revenue | cost | lines | last purchase | potential | source | share | unused
func TestScenarios(t *testing.T) {
	testkit.Scenarios(t, "testdata/*.txt", func(t *testing.T) map[string]testkit.Command {
		steps := []scoring.Step{wallet.Step()}
		own, err := scoring.Schema(steps)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{warehouse: testkit.Warehouse(t, append(own, facts...)...)}
		clock := func() time.Time { return time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC) }
		w.scorer, err = scoring.New(scoring.Config{Warehouse: w.warehouse, Projection: w, Window: w, Currency: w, Steps: steps, Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		return map[string]testkit.Command{
			"customers": w.rows("INSERT INTO customer (id, code, name) VALUES (md5(:a)::uuid, :a, :a)"),
			"potentials": w.rows(`INSERT INTO potential (id, customer_id, amount, source, valid_from)
				VALUES (cast(lpad(cast(:no AS varchar), 32, '0') AS uuid), md5(:a)::uuid, cast(:b AS bigint), :c, cast(:d AS date))`),
			"purchases": w.rows(`INSERT INTO purchase (customer_id, purchase_date, revenue, cost)
				VALUES (md5(:a)::uuid, cast(:b AS date), cast(:c AS bigint), cast(:d AS bigint))`),
			"score": w.score,
		}
	})
}

// rows carries a statement out for each row of the input; :a to :d are its cells and :no grows from row to row.
func (w *world) rows(statement string) testkit.Command {
	return func(t *testing.T, _, input string) []string {
		for line := range strings.SplitSeq(input, "\n") {
			w.statements++
			args := engine.Args{}
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

func (w *world) score(t *testing.T, asOf, _ string) (out []string) {
	v, err := w.scorer.Score(t.Context(), date.Date(asOf), nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := w.warehouse.Query(t.Context(), `SELECT concat_ws(' | ', code, revenue, cost, lines, coalesce(cast(last_purchase AS varchar), '-'),
		coalesce(cast(potential AS varchar), '-'), coalesce(potential_source, '-'), coalesce(cast(share AS varchar), '-'), coalesce(cast(unused AS varchar), '-'))
		FROM score WHERE version = :version ORDER BY code`, engine.Args{"version": v.Version})
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
