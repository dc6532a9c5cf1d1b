package loyalty_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/know/survey"
	"github.com/kvadrant/kvadrant/learn/loyalty"
	"github.com/kvadrant/kvadrant/learn/rfm"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

const today = date.Date("2026-06-30")

func now() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

// still is a projection that has nothing to bring: the tests write to the warehouse themselves.
type still struct{}

func (still) CatchUp(context.Context) error { return nil }

type window int

func (w window) WindowMonths(context.Context) (int, error) { return int(w), nil }

// named knows every customer by its key.
type named struct{}

func (named) Named(_ context.Context, _ access.Reach, ids []id.ID) (map[id.ID]*customer.Customer, error) {
	all := map[id.ID]*customer.Customer{}
	for _, one := range ids {
		all[one] = &customer.Customer{ID: one, Code: string(one), Name: "Customer " + string(one)}
	}
	return all, nil
}

// tree is an organisation in which each unit stands alone.
type tree struct{}

func (tree) Below(_ context.Context, unit id.ID) ([]id.ID, error) { return []id.ID{unit}, nil }

// company is purchases and answers in real stores.
type company struct {
	warehouse   *engine.Warehouse
	definitions *loyalty.Definitions
	scorer      *scoring.Scorer
	questions   *loyalty.Questions
}

func newCompany(t testing.TB) *company {
	t.Helper()
	settings := setting.NewStore(testkit.DB(t), now)
	c := &company{definitions: loyalty.NewDefinitions(settings)}
	steps := []scoring.Step{wallet.Step(nil), rfm.Step(rfm.NewDefinitions(settings))}
	steps = append(steps, loyalty.Step(c.definitions, steps))
	schema, err := scoring.Schema(steps)
	if err != nil {
		t.Fatal(err)
	}
	c.warehouse = testkit.Warehouse(t, append(schema, survey.Schema,
		"CREATE TABLE customer (id UUID, code VARCHAR, name VARCHAR, kind VARCHAR, industry VARCHAR, country VARCHAR, owner_id UUID, unit_id UUID)",
		"CREATE TABLE unit (id UUID, name VARCHAR)",
		"CREATE TABLE ownership (customer_id UUID, valid_from DATE, owner_id UUID, unit_id UUID)",
		"CREATE TABLE potential (id UUID, customer_id UUID, amount BIGINT, source VARCHAR, valid_from DATE)",
		"CREATE TABLE purchase (customer_id UUID, purchase_date DATE, revenue BIGINT, cost BIGINT)")...)
	if c.scorer, err = scoring.New(scoring.Config{Warehouse: c.warehouse, Projection: still{}, Window: window(12), Currency: settings, Steps: steps, Clock: now}); err != nil {
		t.Fatal(err)
	}
	c.questions = loyalty.NewQuestions(c.warehouse, c.scorer, named{}, tree{}, settings)
	return c
}

func key(customer int) string { return fmt.Sprintf("00000000-0000-7000-8000-%012d", customer) }

func (c *company) write(t testing.TB, do func(exec func(text string, args engine.Args))) {
	t.Helper()
	err := c.warehouse.Write(t.Context(), func(tx *engine.Tx) error {
		var errs []error
		do(func(text string, args engine.Args) {
			_, err := tx.Exec(t.Context(), text, args)
			errs = append(errs, err)
		})
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (c *company) customers(t testing.TB, n int) {
	c.write(t, func(exec func(string, engine.Args)) {
		for i := range n {
			exec("INSERT INTO customer (id, code, name, industry) VALUES (cast(:id AS uuid), :id, :id, :industry)", engine.Args{"id": key(i), "industry": []string{"steel", "wood"}[i%2]})
		}
	})
}

// buys enters a purchase of an amount in whole euro.
func (c *company) buys(t testing.TB, customer int, amount float64, cost float64, days ...date.Date) {
	t.Helper()
	c.write(t, func(exec func(string, engine.Args)) {
		for _, day := range days {
			args := engine.Args{"id": key(customer), "day": day, "fine": int64(math.Round(amount * 1e4)), "cost": int64(math.Round(cost * 1e4))}
			exec("INSERT INTO purchase VALUES (cast(:id AS uuid), :day, :fine, nullif(cast(:cost AS bigint), 0))", args)
		}
	})
}

// answer is one answered question.
type answer struct {
	topic, question string
	score, weight   float64
}

func (c *company) answers(t testing.TB, customer int, day date.Date, all ...answer) {
	t.Helper()
	c.write(t, func(exec func(string, engine.Args)) {
		for _, a := range all {
			exec(`INSERT INTO answer (id, customer_id, answer_date, topic, question, score, weight)
				VALUES (cast(:a AS uuid), cast(:id AS uuid), :day, :topic, :question, :score, :weight)`,
				engine.Args{"a": string(id.New()), "id": key(customer), "day": day, "topic": a.topic, "question": a.question, "score": a.score, "weight": a.weight})
		}
	})
}

func (c *company) define(t testing.TB, change func(d *loyalty.Definition)) {
	t.Helper()
	d, version, err := c.definitions.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	change(&d)
	if _, err := c.definitions.Put(t.Context(), version, d); err != nil {
		t.Fatal(err)
	}
}

func (c *company) score(t testing.TB) {
	t.Helper()
	if _, err := c.scorer.Score(t.Context(), today, nil); err != nil {
		t.Fatal(err)
	}
}

// read scans columns of score of one customer.
func (c *company) read(t testing.TB, customer int, columns string, into ...any) {
	t.Helper()
	rows, err := c.warehouse.Query(t.Context(), "SELECT "+columns+" FROM score s WHERE s.code = :code", engine.Args{"code": key(customer)})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() {
		t.Fatalf("no row of customer %d: %v", customer, rows.Err())
	}
	if err := rows.Scan(into...); err != nil {
		t.Fatal(err)
	}
}

// every gives days, so many, so far apart, ending on last.
func every(last date.Date, apart, n int) []date.Date {
	var all []date.Date
	for i := range n {
		all = append(all, last.AddDays(-i*apart))
	}
	return all
}

func near(got *float64, want float64) bool { return got != nil && math.Abs(*got-want) < 1e-9 }

// Satisfaction of REFERENCE P10 for one customer: 8, 6, 10 weighing .5, .3, .2 give 7.8, and 2.6 in the form of the source.
func TestTieAndConsistencyByHand(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.customers(t, 4)
	// Monthly for three years at the same price: every quarter, nothing falling.
	c.buys(t, 0, 100, 60, every(today, 30, 36)...)
	// Two of the last eight quarters, 300 in the year after 600 in the one before.
	c.buys(t, 1, 600, 360, "2023-02-01", "2025-01-10")
	c.buys(t, 1, 300, 180, "2026-05-05")
	c.answers(t, 0, "2026-03-01", answer{"satisfaction", "delivery", 8, .5}, answer{"satisfaction", "service", 6, .3}, answer{"satisfaction", "price", 10, .2},
		answer{"intention", "again", 2, 1}, answer{"recommendation", "nps", 9, 1}, answer{"complaint", "c", 1, 1},
		answer{"willingness", "w", 10, 1}, answer{"ability", "a", 7, 1})
	c.answers(t, 0, "2025-03-01", answer{"intention", "again", 0, 1}) // said before; the latest counts
	c.answers(t, 0, "2022-03-01", answer{"second_chance", "s", 0, 1}) // too long ago
	c.answers(t, 2, "2026-03-01", answer{"complaint", "c", 1, 1})     // a complaint alone asks nothing
	c.score(t)
	var consistency, tie, satisfaction, source, relation, index *float64
	var kind string
	c.read(t, 0, "consistency, tie, satisfaction, satisfaction_source, relation, loyalty, behaviour_type", &consistency, &tie, &satisfaction, &source, &relation, &index, &kind)
	if !near(satisfaction, 7.8) || !near(source, 2.6) || !near(relation, 8.5) {
		t.Errorf("satisfaction %v, source %v, relation %v", *satisfaction, *source, *relation)
	}
	// intention 1 × 3, satisfaction 6.8/9 × 2, recommendation .9 × 2, relation 7.5/9 × 2; of 9; less .1 for the complaint
	if want := (3+2*6.8/9+1.8+2*7.5/9)/9 - 0.1; !near(tie, want) {
		t.Errorf("tie %v, want %v", *tie, want)
	}
	// Weights 2, 1, 1 (no potential, so no share): all 1. 12 of 13 purchases fall into each year's 365 days or one more.
	if consistency == nil || *consistency < 0.97 || !near(index, 100*(*consistency+*tie)/2) || kind != "truly_loyal" {
		t.Errorf("consistency %v, index %v, %s", *consistency, *index, kind)
	}
	// regularity 2/8 × 2, trend .5, price 1; of 4
	c.read(t, 1, "consistency, tie, behaviour_type", &consistency, &tie, &kind)
	if want := (2*0.25 + 0.5 + 1) / 4; !near(consistency, want) || tie != nil || kind != "unknown" {
		t.Errorf("consistency %v, want %v; tie %v, %s", *consistency, want, tie, kind)
	}
	c.read(t, 2, "consistency, tie, behaviour_type", &consistency, &tie, &kind)
	if consistency != nil || tie != nil || kind != "unknown" {
		t.Errorf("never bought: %v %v %s", consistency, tie, kind)
	}
}
