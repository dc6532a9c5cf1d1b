package intake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

const sums = "SELECT cast(count(*) AS VARCHAR), cast(sum(revenue) AS VARCHAR), cast(sum(row_no * import_no) AS VARCHAR) FROM sale"

// salesFile has n rows of which every tenth is bad.
func salesFile(n int) string {
	var b strings.Builder
	b.WriteString("Doc,Date,Cust,Qty,Amount\n")
	for i := range n {
		date := "2026-10-01"
		if i%10 == 9 {
			date = "soon"
		}
		fmt.Fprintf(&b, "D%d,%s,C%d,1,%d.25\n", i, date, i%7, i)
	}
	return b.String()
}

func TestReplayRebuildsTheWarehouse(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	for i, source := range []string{"erp", "web"} {
		f := b.upload(t, source+".csv", salesFile(100+i))
		if _, err := b.run(t, Request{Kind: "sales", Source: source, FileIDs: []string{f.ID}, Mapping: mapped(t, saleColumns)}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := b.Archive(t.Context()); err != nil || n != 2 {
		t.Fatalf("archived %d files: %v", n, err)
	}
	before := b.table(t, sums)
	err := b.w.Rebuild(t.Context(), func(ctx context.Context, progress func(done, total int64)) error {
		return b.Replay(ctx, progress)
	})
	if err != nil {
		t.Fatal(err)
	}
	if after := b.table(t, sums); after != before {
		t.Errorf("before %s after %s", before, after)
	}
	if counted, err := b.Counted(t.Context()); err != nil || !counted {
		t.Errorf("counted: %v %v", counted, err)
	}
	if left, err := os.ReadDir(b.folder.Staging()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestRemoveTakesASourceBack(t *testing.T) {
	t.Parallel()
	var removed []string
	notes := Kind{Key: "notes", Label: "Notes", Fields: []Field{{Name: "note", Label: "Note", Type: Text, Required: true}},
		Load: func(ctx context.Context, b *Batch) (Counts, error) {
			var c Counts
			return c, b.Rows(ctx, func(r Row) error {
				c.Created++
				return nil
			})
		},
		Remove: func(_ context.Context, imports []Import) error {
			for _, im := range imports {
				removed = append(removed, im.Files[0].Name)
			}
			return nil
		}}
	b := newBench(t, testkit.DB(t), notes)
	for _, source := range []string{"demo", "erp", "demo"} {
		f := b.upload(t, source+".csv", salesFile(20+len(removed)))
		if _, err := b.run(t, Request{Kind: "sales", Source: source, FileIDs: []string{f.ID}, Mapping: mapped(t, saleColumns)}); err != nil {
			t.Fatal(err)
		}
		n := b.upload(t, source+" notes.csv", "Note\nx of "+source+"\ny\n")
		if im, err := b.run(t, Request{Kind: "notes", Source: source, FileIDs: []string{n.ID}, Mapping: mapped(t, `{"columns": {"note": "Note"}}`)}); err != nil || im.Created != 2 {
			t.Fatal(im, err)
		}
	}
	if err := b.Remove(t.Context(), "demo"); err != nil {
		t.Fatal(err)
	}
	if got := b.table(t, "SELECT cast(count(*) AS VARCHAR), cast(min(import_no) AS VARCHAR) FROM sale"); got != "18|3\n" {
		t.Errorf("left: %s", got)
	}
	if !slices.Equal(removed, []string{"demo notes.csv", "demo notes.csv"}) {
		t.Errorf("removed: %v", removed)
	}
	list, err := b.store.find(t.Context(), search{states: []State{Removed}})
	if err != nil || len(list) != 4 {
		t.Errorf("marked: %d %v", len(list), err)
	}
	again := b.upload(t, "demo.csv", salesFile(20))
	if im, err := b.run(t, Request{Kind: "sales", Source: "demo", FileIDs: []string{again.ID}, Mapping: mapped(t, saleColumns)}); err != nil || im.Created != 18 {
		t.Errorf("after the removal the same file is new: %+v %v", im, err)
	}
}

// TestRecover holds what becomes of imports whose process died: the warehouse decides.
func TestRecover(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		f := b.upload(t, "sales.csv", salesFile(50))
		im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: mapped(t, saleColumns)})
		if err != nil {
			t.Fatal(err)
		}
		// Died after the commit of the warehouse.
		lost, want := im, im
		lost.State, lost.Read, lost.Created, lost.Rejected = Running, 0, 0, 0
		must(t, b.store.end(t.Context(), lost))
		// Died before it.
		g := b.upload(t, "more.csv", salesFile(60))
		never, files, lookups, err := b.compose(t.Context(), Request{Kind: "sales", FileIDs: []string{g.ID}, Mapping: mapped(t, saleColumns)})
		must(t, err)
		must(t, b.store.add(t.Context(), &never, "x", files, lookups, nothingMore))
		must(t, b.store.begin(t.Context(), never.ID))

		must(t, b.Recover(t.Context(), func(context.Context, id.ID) (bool, error) { return false, nil }))
		got, err := b.store.get(t.Context(), im.ID)
		must(t, err)
		if got.State != Accepted || got.Read != want.Read || got.Created != want.Created || got.Rejected != want.Rejected {
			t.Errorf("after the commit: %+v", got)
		}
		got, err = b.store.get(t.Context(), never.ID)
		must(t, err)
		if got.State != Failed || !strings.Contains(got.Error, "start the import again") {
			t.Errorf("before the commit: %+v", got)
		}
		got, err = b.Run(t.Context(), never.ID, func(int64, int64, string) {})
		if err != nil || got.State != Accepted || got.Created != 54 {
			t.Errorf("run again: %+v %v", got, err)
		}
		if n := b.table(t, "SELECT cast(count(*) AS VARCHAR) FROM sale"); n != "99\n" {
			t.Errorf("rows: %s", n)
		}
	})
}

// TestStoppedImportLeavesNothing stops imports at each of their steps: facts are there completely or not at all.
func TestStoppedImportLeavesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	f := b.upload(t, "sales.csv", salesFile(5000))
	for stop := 0; ; stop++ {
		im, files, lookups, err := b.compose(t.Context(), Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: mapped(t, saleColumns)})
		must(t, err)
		must(t, b.store.add(t.Context(), &im, fmt.Sprint(stop), files, lookups, nothingMore))
		ctx, cancel := context.WithCancel(t.Context())
		steps := 0
		got, err := b.Run(ctx, im.ID, func(int64, int64, string) {
			if steps == stop {
				cancel()
			}
			steps++
		})
		cancel()
		rows := b.table(t, fmt.Sprintf("SELECT cast(count(*) AS VARCHAR) FROM sale WHERE import_no = %d", im.No))
		loads := b.table(t, fmt.Sprintf("SELECT cast(count(*) AS VARCHAR) FROM import_load WHERE import_no = %d", im.No))
		if steps <= stop {
			if err != nil || got.State != Accepted || rows != "4500\n" || loads != "1\n" {
				t.Errorf("not stopped: %+v %v %s", got, err, rows)
			}
			if stop < 4 {
				t.Errorf("only %d steps", stop)
			}
			return
		}
		record, lookErr := b.store.get(t.Context(), im.ID)
		must(t, lookErr)
		if !errors.Is(err, context.Canceled) || record.State != Cancelled || rows != "0\n" || loads != "0\n" {
			t.Errorf("stopped at step %d: %v, state %s, rows %s loads %s", stop, err, record.State, rows, loads)
		}
	}
}

func TestSameFileTwiceAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	f := b.upload(t, "sales.csv", strings.ReplaceAll(salesFile(2000), "soon", "2026-10-02"))
	var wg sync.WaitGroup
	results := make([]Import, 2)
	for i := range results {
		im, files, lookups, err := b.compose(t.Context(), Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: mapped(t, saleColumns)})
		must(t, err)
		must(t, b.store.add(t.Context(), &im, fingerprint(im, files, lookups), files, lookups, nothingMore))
		wg.Go(func() {
			got, err := b.Run(context.WithoutCancel(t.Context()), im.ID, func(int64, int64, string) {})
			if err != nil {
				t.Error(err)
			}
			results[i] = got
		})
	}
	wg.Wait()
	if results[0].Created+results[1].Created != 2000 || results[0].Unchanged+results[1].Unchanged != 2000 {
		t.Errorf("%+v\n%+v", results[0], results[1])
	}
	if n := b.table(t, "SELECT cast(count(*) AS VARCHAR) FROM sale"); n != "2000\n" {
		t.Errorf("rows: %s", n)
	}
}

// TestBatchInGo holds what a loader of an operational kind sees, and that an import whose counts do not add up fails.
func TestBatchInGo(t *testing.T) {
	t.Parallel()
	var seen []string
	forget := int64(0)
	things := sale()
	things.Key, things.Fact = "things", false
	things.Load = func(ctx context.Context, b *Batch) (Counts, error) {
		var c Counts
		err := b.Chunks(ctx, 2, func(rows []Row) error {
			for _, r := range rows {
				revenue, _ := r.Amount("revenue")
				quantity, ok := r.Number("quantity")
				seen = append(seen, fmt.Sprintf("%d %s %s %d %v %v of %d", r.No, r.Text("document"), r.Date("date"), revenue, quantity, ok, len(rows)))
				if r.Text("document") == "A3" {
					b.Reject(r.No, "document", fault.Reason{Text: "A3 is not wanted."})
					b.Reject(r.No, "", fault.Reason{Text: "Nor twice."})
				} else {
					c.Created++
				}
			}
			return nil
		})
		c.Created -= forget
		return c, err
	}
	b := newBench(t, testkit.DB(t), things)
	f := b.upload(t, "a.csv", "Doc,Date,Cust,Qty,Amount\nA1,2026-10-01,C1,1.5,5\nA2,bad,C1,1,5\nA3,2026-10-03,C1,,-5\nA4,2026-10-04,C1,2,1\n")
	ask := Request{Kind: "things", FileIDs: []string{f.ID}, Mapping: mapped(t, saleColumns)}
	im, err := b.run(t, ask)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"0 A1 2026-10-01 50000 1.5 true of 2", "2 A3 2026-10-03 -50000 0 false of 2", "3 A4 2026-10-04 10000 2 true of 1"}
	if !slices.Equal(seen, want) {
		t.Errorf("seen %q", seen)
	}
	if im.Read != 4 || im.Created != 2 || im.Rejected != 2 {
		t.Errorf("%+v", im)
	}
	if r := b.rejectLines(t, im.ID); !strings.Contains(r, "a.csv,4,Doc,A3,A3 is not wanted.") {
		t.Error(r)
	}
	forget = 1
	if im, err := b.run(t, ask); err == nil || im.State == Accepted {
		t.Errorf("does not add up: %+v %v", im, err)
	}
}
