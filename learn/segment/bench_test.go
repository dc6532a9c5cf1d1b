package segment

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

// sizeVariable says of how many customers BenchmarkFiftySegments is; 20,000 without it. The wanted 10 s are of 1,000,000.
const sizeVariable = "KVADRANT_BENCH_CUSTOMERS"

// BenchmarkFiftySegments works out 50 live segments after a scoring: one new version against the one before it. A tenth of the customers
// differ between the two.
func BenchmarkFiftySegments(b *testing.B) {
	n := 20_000
	if text := os.Getenv(sizeVariable); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	ctx := context.Background()
	w := newWorld(b, testkit.DB(b))
	for i := range 50 {
		share := is("share", ">=", fmt.Sprintf("0.%02d", 2*i))
		rule := all(share, some(is("amount", "<", strconv.Itoa(i*100)), no(is("place", "=", "gold_bubble"))))
		if i%5 == 0 {
			rule = all(share, filter.Tree{Field: "lifecycle", Sign: filter.OneOf, Values: []string{"customer", "lead"}})
		}
		w.made(b, boss, Segment{Name: fmt.Sprint("segment ", i), Kind: Live, Rule: &rule}, Gathering{})
	}
	for _, text := range []string{
		`INSERT INTO customer (id, code, name, kind, lifecycle) SELECT cast(lpad(cast(i AS VARCHAR), 32, '0') AS UUID), 'C' || i, 'Name ' || i, 'organisation', CASE WHEN i % 3 = 0 THEN 'customer' ELSE 'prospect' END FROM range(:n) t(i)`,
		`INSERT INTO fact SELECT DATE '2026-05-31', id, cast(hash(code) % 10000 AS BIGINT), (hash(code, 1) % 100) / 100.0, CASE WHEN hash(code) % 4 = 0 THEN 'gold_bubble' ELSE 'gold_loyal' END, NULL FROM customer`,
		`INSERT INTO fact SELECT DATE '2026-06-30', id, cast(hash(code) % 10000 AS BIGINT), (hash(code, CASE WHEN hash(code, 2) % 10 = 0 THEN 3 ELSE 1 END) % 100) / 100.0, CASE WHEN hash(code) % 4 = 0 THEN 'gold_bubble' ELSE 'gold_loyal' END, NULL FROM customer`,
	} {
		if _, err := w.warehouse.Exec(ctx, text, engine.Args{"n": n}); err != nil {
			b.Fatal(err)
		}
	}
	for _, asOf := range []date.Date{"2026-05-31", "2026-06-30"} {
		w.score(b, asOf)
	}
	w.rebuild(b)
	for b.Loop() {
		if _, err := w.warehouse.Exec(ctx, "DELETE FROM segment_built WHERE as_of = DATE '2026-06-30'", nil); err != nil {
			b.Fatal(err)
		}
		w.rebuild(b)
	}
	var changes int64
	rows, err := w.warehouse.Query(ctx, "SELECT count(*) FROM segment_change", nil)
	if err != nil {
		b.Fatal(err)
	}
	if err := each(rows, func() error { return rows.Scan(&changes) }); err != nil || changes == 0 {
		b.Fatal(changes, err)
	}
	b.ReportMetric(float64(changes), "changes")
}
