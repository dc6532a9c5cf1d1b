package intake

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

// purchaseLines writes n lines of eleven columns, as an ERP exports them.
func purchaseLines(to io.Writer, n int) error {
	w := bufio.NewWriterSize(to, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	fmt.Fprintln(w, "document,line,date,customer,product,quantity,revenue,cost,currency,channel,seller")
	first := time.Date(2021, 11, 22, 0, 0, 0, 0, time.UTC)
	currencies, channels := []string{"DKK", "EUR", "PLN", "TWD"}, []string{"web", "phone", "shop", "visit"}
	for i := range n {
		revenue := r.IntN(1_000_000)
		fmt.Fprintf(w, "INV%08d,%d,%s,C%07d,P%05d,%d,%d.%04d,%d.%02d,%s,%s,S%03d\n", i/4, i%4+1, first.AddDate(0, 0, i*1826/n).Format(time.DateOnly),
			r.IntN(1_000_000), r.IntN(5000), r.IntN(20)+1, revenue/100, revenue%10000, revenue/160, revenue%100, currencies[r.IntN(4)], channels[r.IntN(4)], r.IntN(200))
	}
	return w.Flush()
}

// BenchmarkStaging compares the staging of purchase lines with the engine's own load of the same file, in wall time and in
// time of the processors. KVADRANT_BENCH_ROWS says how many rows; the goal (2 ×) is for 10,000,000.
func BenchmarkStaging(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("KVADRANT_BENCH_ROWS"))
	if err != nil {
		n = 200_000
	}
	lines := Kind{Key: "lines", Label: "Lines", Fact: true, Table: "sale", Load: func(_ context.Context, b *Batch) (Counts, error) {
		return Counts{Created: b.Total()}, nil
	}}
	for _, f := range []Field{{Name: "document", Type: Code}, {Name: "line", Type: Code}, {Name: "date", Type: Date, Required: true}, {Name: "customer", Type: Code, Required: true},
		{Name: "product", Type: Code}, {Name: "quantity", Type: Number}, {Name: "revenue", Type: Amount, Required: true}, {Name: "cost", Type: Amount},
		{Name: "currency", Type: Code}, {Name: "channel", Type: Text}, {Name: "seller", Type: Code}} {
		f.Label = f.Name
		lines.Fields = append(lines.Fields, f)
	}
	in := newBench(b, testkit.DB(b), lines)
	read, write := io.Pipe()
	go func() { write.CloseWithError(purchaseLines(write, n)) }()
	file, err := in.Upload(b.Context(), "lines.csv", read)
	if err != nil {
		b.Fatal(err)
	}
	kind := Request{Kind: "lines", FileIDs: []string{file.ID}}
	var plain, ours, plainCPU, oursCPU time.Duration
	for b.Loop() {
		start, cpu := time.Now(), processors()
		err := in.w.Write(b.Context(), func(tx *engine.Tx) error {
			_, err := tx.Exec(b.Context(), "CREATE TEMP TABLE plain AS SELECT * FROM read_csv('"+in.folder.Path(file.ID)+"')", nil)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		plain, plainCPU = plain+time.Since(start), plainCPU+processors()-cpu
		start, cpu = time.Now(), processors()
		if im, err := in.run(b, kind); err != nil || im.Created != int64(n) {
			b.Fatal(im, err)
		}
		ours, oursCPU = ours+time.Since(start), oursCPU+processors()-cpu
		if err := in.Remove(b.Context(), ""); err != nil { // so that the same file is read again
			b.Fatal(err)
		}
	}
	b.ReportMetric(ours.Seconds()/plain.Seconds(), "x-engine-load")
	b.ReportMetric(oursCPU.Seconds()/plainCPU.Seconds(), "x-engine-cpu")
	b.ReportMetric(plain.Seconds()/float64(b.N), "s-engine")
	b.ReportMetric(ours.Seconds()/float64(b.N), "s-staging")
}

// processors is the time that the process has taken of all processors.
func processors() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
