package customer

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/know/intake"
)

// speedVariable asks for the measurement and says with how many customers, such as 1000000. speedFolderVariable names a
// folder in which the store is kept for the next time.
const (
	speedVariable       = "KVADRANT_BENCH_CUSTOMERS"
	speedFolderVariable = "KVADRANT_BENCH_FOLDER"
)

// crowd is the store to measure on: owners 0…499 in units 0…59, five countries of twelve units, twenty industries.
type crowd struct {
	store         *Store
	units, people []id.ID
}

func TestSpeed(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv(speedVariable))
	if err != nil {
		t.Skip(speedVariable + " is not set")
	}
	c := gather(t, n)
	var some []*Customer
	if some, err = c.store.List(t.Context(), access.Everything(), Query{Sort: filter.Sort{Name: "code"}, Limit: 200, After: []any{fmt.Sprintf("C%07d", n/2), string(id.New())}}); err != nil {
		t.Fatal(err)
	}
	manager := func(units ...id.ID) access.Reach {
		return reach(t, access.Principal{Role: access.Manager, Scope: access.ScopeUnit, Units: units, PersonID: c.people[7]})
	}
	all, seller := access.Everything(), reach(t, access.Principal{Role: access.Salesperson, Scope: access.ScopeOwn, PersonID: c.people[7]})
	team, country := manager(c.units[3]), manager(c.units[:12]...)

	for _, who := range []struct {
		name  string
		reach access.Reach
	}{{"all", all}, {"country", country}, {"team", team}, {"seller", seller}} {
		measure(t, who.name+": facets", 20, func(int) error {
			_, _, err := c.store.Facets(t.Context(), who.reach)
			return err
		})
		list := func(name string, q Query) {
			measure(t, who.name+": "+name, 20, func(i int) error {
				q.Limit = 51
				rows, err := c.store.List(t.Context(), who.reach, q)
				if err == nil && i == 0 && len(rows) == 51 {
					q.After = nil
					for _, v := range q.place(rows[50]) {
						q.After = append(q.After, fmt.Sprint(v))
					}
				}
				return err
			})
		}
		list("by name", Query{})
		list("by name, from the middle", Query{After: []any{"marine", string(id.New())}})
		for _, sort := range []string{"code", "city", "country", "industry"} {
			list("by "+sort, Query{Sort: filter.Sort{Name: sort}})
			list("by -"+sort, Query{Sort: filter.Sort{Name: sort, Desc: true}})
		}
		list("industry", Query{Industry: "Industry 7"})
		list("industry and country", Query{Industry: "Industry 7", Country: "DK"})
		list("industry and a country out of reach", Query{Industry: "Industry 7", Country: "NL"})
		list("stage nobody is in", Query{Lifecycle: "former"})
		list("unit", Query{Unit: c.units[3]})
		list("country's units", Query{Unit: c.units[0]})
		for _, text := range []string{"s", "sh", "shi", "shipping", "z", "zz", "zzz", "star fishing", "123", "1234", "C0123456", "ør", "海", "海洋"} {
			list("search "+text, Query{Text: text})
			list("search "+text+" by city", Query{Text: text, Sort: filter.Sort{Name: "city"}})
		}
	}
	measure(t, "get", 200, func(i int) error {
		_, err := c.store.Get(t.Context(), country, some[i].ID)
		if err != nil {
			_, err = c.store.Get(t.Context(), all, some[i].ID)
		}
		return err
	})
	measure(t, "update", 50, func(i int) error {
		_, err := c.store.Update(t.Context(), all, some[i].ID, some[i].Version, func(x *Customer) { x.Phone = "1" })
		return err
	})
}

func reach(t testing.TB, p access.Principal) access.Reach {
	t.Helper()
	p.Via = access.ViaSession
	r, err := access.Decide(p, access.CustomerWrite)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func measure(t *testing.T, name string, times int, do func(i int) error) {
	t.Helper()
	took := make([]time.Duration, times)
	for i := range took {
		start := time.Now()
		if err := do(i); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	p95 := took[(times*95+99)/100-1]
	mark := ""
	if p95 > 100*time.Millisecond {
		mark = " SLOW"
	}
	t.Logf("%-45s p50 %8.2f ms   p95 %8.2f ms%s", name, took[times/2].Seconds()*1000, p95.Seconds()*1000, mark)
}

func gather(t *testing.T, n int) *crowd {
	t.Helper()
	folder := os.Getenv(speedFolderVariable)
	if folder == "" {
		folder = t.TempDir()
	}
	d, err := db.Open(t.Context(), db.Config{Path: filepath.Join(folder, "customers.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := &crowd{store: NewStore(d, time.Now)}
	if there, err := d.Read().NewSelect().Table("customer").Exists(t.Context()); err != nil || !there {
		if err := d.Bulk(t.Context(), []string{"customer", "ownership"}, func(context.Context) error { c.fill(t, d, n); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	for table, into := range map[string]*[]id.ID{"unit": &c.units, "person": &c.people} {
		if err := d.Read().NewSelect().Table(table).Column("id").Order("code").Scan(t.Context(), into); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// fill writes customers by the last step of the import.
func (c *crowd) fill(t *testing.T, d *db.DB, n int) {
	t.Helper()
	var units, people []id.ID
	err := d.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		for i := range 60 {
			var parent id.ID
			if i%12 > 0 {
				parent = units[i/12*12]
			}
			units = append(units, id.New())
			if _, err := tx.ExecContext(ctx, "INSERT INTO unit (id, code, name, kind, parent_id, version, created_at, updated_at) VALUES (?, ?, ?, 'team', ?, 1, ?, ?)",
				units[i], fmt.Sprintf("U%02d", i), fmt.Sprintf("Unit %d", i), parent, time.Now(), time.Now()); err != nil {
				return err
			}
		}
		for i := range 500 {
			people = append(people, id.New())
			if _, err := tx.ExecContext(ctx, "INSERT INTO person (id, code, name, email, title, unit_id, version, created_at, updated_at) VALUES (?, ?, ?, '', '', ?, 1, ?, ?)",
				people[i], fmt.Sprintf("P%03d", i), fmt.Sprintf("Person %d", i), units[i%60], time.Now(), time.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	first := []string{"Nordic", "Baltic", "Harbour", "Blue", "Star", "Marine", "Polar", "Sea", "Ørsted", "海洋"}
	second := []string{"Shipping", "Fishing", "Yards", "Logistics", "Ferries", "Supply"}
	countries := []string{"DK", "DE", "NL", "PL", "TW"}
	r := rand.New(rand.NewPCG(1, 2))
	start, before := time.Now(), processor(t)
	var normalise time.Duration
	l := &loader{store: c.store, batch: &intake.Batch{Import: intake.Import{ID: id.New()}}, anonymousAudit: true}
	for from := 0; from < n; from += chunkRows {
		err := d.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			k := &chunk{loader: l, tx: tx}
			if err := k.read(ctx, []string{"C"}); err != nil {
				return err
			}
			for i := from; i < min(from+chunkRows, n); i++ {
				p := r.IntN(500)
				x := &Customer{ID: id.New(), Code: fmt.Sprintf("C%07d", i), Name: fmt.Sprintf("%s %s %06d A/S", first[r.IntN(10)], second[r.IntN(6)], r.IntN(1000000)),
					Industry: fmt.Sprintf("Industry %d", r.IntN(20)), City: fmt.Sprintf("City %d", r.IntN(2000)), Street: fmt.Sprintf("Street %d", i), PostalCode: "1000",
					Country: countries[p%60/12], OwnerID: people[p], UnitID: units[p%60], ImportID: l.batch.Import.ID, Version: 1, CreatedAt: start, UpdatedAt: start}
				a := time.Now()
				x.Normalise()
				if err := x.Validate(); err != nil {
					return err
				}
				normalise += time.Since(a)
				k.created = append(k.created, x)
				k.owned = append(k.owned, Ownership{CustomerID: x.ID, ValidFrom: Beginning, OwnerID: x.OwnerID, UnitID: x.UnitID})
			}
			return k.write(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		if from > 0 && from%100_000 == 0 {
			t.Logf("%d customers after %s", from, time.Since(start).Round(time.Millisecond))
		}
	}
	took, busy := time.Since(start), processor(t)-before
	t.Logf("%d customers written in %s (%.0f a second), %s of the processor (%.0f a second); of that normalised and checked in %s", n,
		took.Round(time.Millisecond), float64(n)/took.Seconds(), busy.Round(time.Millisecond), float64(n)/busy.Seconds(), normalise.Round(time.Millisecond))
}

// processor returns how long this process has computed, which other work on the machine does not lengthen.
func processor(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
