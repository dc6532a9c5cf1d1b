package intake

import (
	"bytes"
	"context"
	"encoding/csv"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/mapping"
)

// sale is a kind of facts that has one field of each type, loaded as plainly as can be.
func sale() Kind {
	return Kind{Key: "sales", Label: "Sales", Fact: true, Table: "sale", Synonyms: []string{"invoices"},
		Fields: []Field{
			{Name: "document", Label: "Document", Type: Code, Synonyms: []string{"sales order number", "Belegnummer"}},
			{Name: "date", Label: "Date", Type: Date, Required: true, Synonyms: []string{"order date", "Datum", "dato"}},
			{Name: "customer", Label: "Customer", Type: Code, Required: true, Synonyms: []string{"reseller", "Kunde", "客戶"}},
			{Name: "quantity", Label: "Quantity", Type: Number, Synonyms: []string{"qty", "Menge"}},
			{Name: "revenue", Label: "Revenue", Type: Amount, Required: true, Synonyms: []string{"sales amount", "Umsatz", "beløb"}},
			{Name: "pieces", Label: "Pieces", Type: Integer},
			{Name: "month", Label: "Month", Type: Month},
			{Name: "channel", Label: "Channel", Type: Choice, Choices: []string{"web", "phone", "shop", "fair", "agent", "partner", "letter"}},
			{Name: "note", Label: "Note", Type: Text},
		},
		Load: func(ctx context.Context, b *Batch) (Counts, error) {
			if _, err := b.RejectWhere(ctx, "customer", fault.Reason{Text: "There is no customer of this code."}, "customer = :none", engine.Args{"none": "NONE"}); err != nil {
				return Counts{}, err
			}
			n, err := b.Tx.Exec(ctx, "INSERT INTO sale SELECT cast(:no AS INTEGER), row_no, document, date, customer, quantity, revenue, pieces, month, channel, note FROM staged",
				engine.Args{"no": b.Import.No})
			return Counts{Created: n}, err
		},
	}
}

const saleTable = "CREATE TABLE sale(import_no INTEGER, row_no BIGINT, document VARCHAR, date DATE, customer VARCHAR, quantity DOUBLE, revenue BIGINT, pieces BIGINT, month DATE, channel VARCHAR, note VARCHAR)"

type bench struct {
	*Intake
	w *engine.Warehouse
}

func newBench(t testing.TB, d *db.DB, kinds ...Kind) bench {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	w, err := engine.Open(t.Context(), engine.Config{Path: filepath.Join(t.TempDir(), "w.duckdb"), Schema: []string{saleTable, WarehouseSchema}, ImportDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	in, err := New(Config{DB: d, Warehouse: w, Dir: dir, Kinds: append([]Kind{sale()}, kinds...)})
	if err != nil {
		t.Fatal(err)
	}
	return bench{in, w}
}

func (b bench) upload(t testing.TB, name, text string) File {
	t.Helper()
	f, err := b.Upload(t.Context(), name, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// run starts and runs an import without the job.
func (b bench) run(t testing.TB, r Request) (Import, error) {
	t.Helper()
	return b.runIn(t.Context(), r)
}

func (b bench) runIn(ctx context.Context, r Request) (Import, error) {
	im, files, lookups, err := b.compose(ctx, r)
	if err != nil {
		return Import{}, err
	}
	if err := b.store.add(ctx, &im, fingerprint(im, files, lookups), files, lookups, nothingMore); err != nil {
		return Import{}, err
	}
	return b.Run(ctx, im.ID, func(int64, int64, string) {})
}

// code is the code of the fault that an error is.
func code(err error) string {
	if f := fault.Of(err); f != nil {
		return f.Code
	}
	return ""
}

// table gives the answer to a question as lines of text.
func (b bench) table(t testing.TB, query string) string {
	t.Helper()
	rows, err := b.w.Query(t.Context(), query, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for rows.Next() {
		cells, into := make([]*string, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i, c := range cells {
			if i > 0 {
				out.WriteByte('|')
			}
			if c != nil {
				out.WriteString(*c)
			}
		}
		out.WriteByte('\n')
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// rejectLines gives the rejected rows as lines of file,line,column,value,reason,raw.
func (b bench) rejectLines(t testing.TB, importID id.ID) string {
	t.Helper()
	found, err := b.Rejects.Page(t.Context(), importID, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	for _, r := range found {
		if err := w.Write([]string{r.File, strconv.FormatInt(r.Line, 10), r.Column, r.Value, r.Reason, r.Raw}); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return out.String()
}

const saleColumns = `{"columns": {"document": "Doc", "date": "Date", "customer": "Cust", "quantity": "Qty", "revenue": "Amount"}}`

func nothingMore(context.Context, bun.Tx) error { return nil }

func mapped(t testing.TB, text string) *Mapping {
	t.Helper()
	m, err := mapping.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return &m
}

func TestImportOfFacts(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		standing := func(want time.Time) {
			t.Helper()
			got, err := b.Settled(t.Context())
			if err != nil || got.Unfinished > 0 || !got.At.Equal(want) {
				t.Errorf("the imports stand: %+v, %v; want %v", got, err, want)
			}
		}
		standing(time.Time{})
		f := b.upload(t, "sales.csv", "Doc,Date,Cust,Qty,Amount\nA1,2026-10-01,C1,2,10.5\nA2,2026-10-02,C2,1,-3.25005\n")
		im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: mapped(t, saleColumns)})
		if err != nil {
			t.Fatal(err)
		}
		if im.State != Accepted || im.Read != 2 || im.Created != 2 || im.Rejected != 0 {
			t.Errorf("import: %+v", im)
		}
		standing(*im.EndedAt)
		want := "0|A1|2026-10-01|C1|2.0|105000\n1|A2|2026-10-02|C2|1.0|-32501\n"
		const ask = "SELECT row_no, document, cast(date AS VARCHAR), customer, quantity, revenue FROM sale ORDER BY row_no"
		got := b.table(t, strings.ReplaceAll(ask, "quantity", "cast(quantity AS VARCHAR)"))
		if got != want {
			t.Errorf("sale: %s, want %s", got, want)
		}
		again, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: mapped(t, saleColumns)})
		if err != nil {
			t.Fatal(err)
		}
		if again.State != Accepted || again.Unchanged != 2 || again.Created != 0 || again.Note == "" {
			t.Errorf("the same again: %+v", again)
		}
		standing(*im.EndedAt) // it changed nothing
		if got := b.table(t, strings.ReplaceAll(ask, "quantity", "cast(quantity AS VARCHAR)")); got != want {
			t.Errorf("after the same again: %s", got)
		}
	})
}
