package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
)

// purchases is the largest table of the warehouse, as know/purchase has it.
const purchases = `CREATE TABLE purchase(import_no INTEGER, row_no BIGINT, document VARCHAR, line VARCHAR, line_key BIGINT,
	purchase_date DATE, customer_id UUID, product_id UUID, quantity DOUBLE, revenue BIGINT, cost BIGINT, currency VARCHAR,
	amount BIGINT, channel VARCHAR, seller_id UUID)`

// benchLines is how many purchase lines the benchmarks use; KVADRANT_BENCH_LINES=10000000 is the published size.
func benchLines() int {
	if n, err := strconv.Atoi(os.Getenv("KVADRANT_BENCH_LINES")); err == nil {
		return n
	}
	return 1_000_000
}

// BenchmarkOpenOrSetAside is what the child's check adds to the start of a server.
func BenchmarkOpenOrSetAside(b *testing.B) {
	ctx, lines := context.Background(), benchLines()
	quiet := slog.New(slog.DiscardHandler)
	cfg := engine.Config{Path: filepath.Join(b.TempDir(), "warehouse.duckdb"), Schema: []string{purchases}, Log: quiet}
	w, err := engine.Open(ctx, cfg)
	if err != nil {
		b.Fatal(err)
	}
	fill := fmt.Sprintf(`INSERT INTO purchase SELECT 1 + range %% 5, range, 'D' || cast(range / 3 AS VARCHAR), cast(range %% 3 AS VARCHAR),
		hash(range) %% 4611686018427387904, DATE '2021-01-01' + cast(hash(range) %% 1800 AS INTEGER), cast(md5(cast(range / 10 AS VARCHAR)) AS UUID),
		cast(md5(cast(hash(range) %% 5000 AS VARCHAR)) AS UUID), hash(range + 1) %% 20, hash(range + 2) %% 90000000, hash(range + 3) %% 60000000,
		'EUR', hash(range + 2) %% 90000000, 'web', cast(md5(cast(range %% 40 AS VARCHAR)) AS UUID) FROM range(%d)`, lines)
	if _, err := w.Exec(ctx, fill, nil); err != nil {
		b.Fatal(err)
	}
	check := engine.Check{Name: "lines and revenue of each import",
		Text: "SELECT import_no, count(*), cast(sum(revenue) AS BIGINT), cast(sum(cost) AS BIGINT) FROM purchase GROUP BY import_no ORDER BY import_no"}
	rows, err := w.Query(ctx, check.Text, nil)
	if err != nil {
		b.Fatal(err)
	}
	for rows.Next() {
		var row [4]int64
		if err := rows.Scan(&row[0], &row[1], &row[2], &row[3]); err != nil {
			b.Fatal(err)
		}
		check.Want = append(check.Want, []string{fmt.Sprint(row[0]), fmt.Sprint(row[1]), fmt.Sprint(row[2]), fmt.Sprint(row[3])})
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(cfg.Path)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		w, err := engine.OpenOrSetAside(ctx, cfg, check)
		if err != nil || w.Opening() != (engine.Opening{}) {
			b.Fatal(err, w.Opening())
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}

// BenchmarkAppend is how fast rows go from Go into the warehouse.
func BenchmarkAppend(b *testing.B) {
	ctx := context.Background()
	w := open(b, engine.Config{})
	customer, lines := id.New(), benchLines()
	for b.Loop() {
		err := w.Write(ctx, func(tx *engine.Tx) error {
			n, row := 0, make([]any, 4)
			_, err := tx.Append(ctx, "purchase", []string{"row_no", "customer_id", "revenue", "channel"}, func() ([]any, bool, error) {
				n++
				row[0], row[1], row[2], row[3] = n, customer, int64(n), "web"
				return row, n <= lines, nil
			})
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkQuery is what a small question costs.
func BenchmarkQuery(b *testing.B) {
	w := open(b, engine.Config{})
	for b.Loop() {
		mustAsk(b, w, "SELECT count(*) FROM purchase WHERE revenue > :r", engine.Args{"r": 1})
	}
}
