package customer

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/projection"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/intake"
	"github.com/kvadrant/kvadrant/know/mapping"
)

// office is a shop whose customers and potentials come from files, through the real intake.
type office struct {
	*shop
	intake    *intake.Intake
	warehouse *engine.Warehouse
}

func newOffice(t *testing.T, d *db.DB) *office {
	t.Helper()
	folder := t.TempDir()
	files := filepath.Join(folder, "files")
	o := &office{shop: newShop(t, d)}
	var err error
	o.warehouse, err = engine.Open(t.Context(), engine.Config{Path: filepath.Join(folder, "w.duckdb"),
		Schema: []string{projection.Schema, WarehouseSchema, intake.WarehouseSchema}, ImportDir: files, MemoryMB: 512})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.warehouse.Close(); err != nil {
			t.Error(err)
		}
	})
	// The jobs are never started: the test itself runs each import.
	jobs := job.New(d, slog.New(slog.DiscardHandler))
	if err := jobs.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	base := func(context.Context) (string, error) { return "EUR", nil }
	o.intake, err = intake.New(intake.Config{DB: d, Warehouse: o.warehouse, Jobs: jobs, Dir: files, Log: slog.New(slog.DiscardHandler),
		Kinds: []intake.Kind{o.Intake(), o.PotentialIntake(base)}, Now: o.now})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// start enqueues the import of a file whose columns are called as the fields.
func (o *office) start(kind string, lines ...string) intake.Import {
	o.t.Helper()
	f, err := o.intake.Upload(o.ctx(), kind+".csv", strings.NewReader(strings.Join(lines, "\n")+"\n"))
	if err != nil {
		o.t.Fatal(err)
	}
	m := mapping.Mapping{Kind: kind, Columns: map[string]mapping.Value{}}
	for name := range strings.SplitSeq(lines[0], ",") {
		m.Columns[name] = mapping.Value{Column: name}
	}
	begun, err := o.intake.Start(o.ctx(), intake.Request{FileIDs: []string{f.ID}, Mapping: &m})
	if err != nil {
		o.t.Fatal(err)
	}
	return begun.Import
}

// run carries an import out and returns "created updated unchanged" and the rejected rows as "line column".
func (o *office) run(im intake.Import) (string, []string) {
	o.t.Helper()
	im, err := o.intake.Run(o.ctx(), im.ID, func(int64, int64, string) {})
	if err != nil || im.State != intake.Accepted {
		o.t.Fatalf("the import ended as %+v, %v", im, err)
	}
	var rejects []struct {
		Line   int64
		Column string
	}
	err = o.db.Read().NewSelect().Table("import_reject").Column("line", "column").Where("import_id = ?", im.ID).Order("line", "seq").Scan(o.t.Context(), &rejects)
	if err != nil {
		o.t.Fatal(err)
	}
	rejected := []string{}
	for _, r := range rejects {
		rejected = append(rejected, fmt.Sprintf("%d %s", r.Line, r.Column))
	}
	return fmt.Sprintf("%d %d %d", im.Created, im.Updated, im.Unchanged), slices.Compact(rejected)
}

// load imports a file and compares.
func (o *office) load(counts string, rejects []string, kind string, lines ...string) intake.Import {
	o.t.Helper()
	im := o.start(kind, lines...)
	if rejects == nil {
		rejects = []string{}
	}
	if got, rejected := o.run(im); got != counts || !slices.Equal(rejected, rejects) {
		o.t.Errorf("import of %s %q: %s, rejected %q; want %s, rejected %q", kind, lines, got, rejected, counts, rejects)
	}
	return im
}

// read returns the customer of a code as it is stored.
func (o *office) read(code string) *Customer {
	o.t.Helper()
	known, err := codes(o.t.Context(), o.db.Read(), "customer", []string{code})
	if err != nil {
		o.t.Fatal(err)
	}
	o.ids[code] = known[code]
	c, err := o.Get(o.t.Context(), access.Everything(), known[code])
	if err != nil {
		o.t.Fatalf("customer %q: %v", code, err)
	}
	return c
}

// groups lists all customers as "code<group", by code.
func (o *office) groups() string {
	o.t.Helper()
	var rows []string
	err := o.db.Read().NewSelect().TableExpr("customer AS c").ColumnExpr("c.code || '<' || coalesce(g.code, '')").
		Join("LEFT JOIN customer AS g ON g.id = c.parent_id").OrderExpr("c.code").Scan(o.t.Context(), &rows)
	if err != nil {
		o.t.Fatal(err)
	}
	return strings.Join(rows, " ")
}

func TestImportCustomers(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		const header = "code,name,kind,industry,size_employees,city,country,email,owner,unit,lifecycle"
		im := o.load("2 0 0", nil, "customers", header,
			"K1,Nordlys,,Energy,12,Århus,Danmark,a@b.dk,anna,DK,lead",
			"K2,Anna Berg,person,,,,,,,,")
		c := o.read("K1")
		if c.Name != "Nordlys" || c.Kind != Organisation || *c.SizeEmployees != 12 || c.Country != "DK" || c.OwnerID != o.ids["anna"] || c.UnitID != o.ids["DK"] ||
			c.Lifecycle != "lead" || c.ImportID != im.ID || c.Version != 1 {
			t.Errorf("imported: %+v", c)
		}
		if p := o.read("K2"); p.Kind != Person || p.SizeEmployees != nil || p.Lifecycle != "customer" || p.OwnerID != "" {
			t.Errorf("imported: %+v", p)
		}
		if h := o.history("K1"); h != "1900-01-01 anna in DK" {
			t.Errorf("history: %s", h)
		}
		if got := o.codes(access.Everything(), Query{Text: "arhus"}); got != "K1" {
			t.Errorf("the search index says %s", got)
		}
		entries, err := audit.List(t.Context(), d.Read(), audit.Query{Kind: "customer", RecordID: c.ID, Limit: 5})
		if err != nil || len(entries) != 1 || entries[0].Action != audit.Create || entries[0].ImportID != im.ID || entries[0].ActorName != "Anna" {
			t.Errorf("logged: %+v, %v", entries, err)
		}

		// Other columns of the same: one changed, one not; what is not mapped stays.
		before := o.prints()
		o.load("0 0 2", nil, "customers", "name,code", "Nordlys,K1", "Anna Berg,K2")
		if o.prints() != before {
			t.Error("an import of what is known changed something")
		}
		o.load("1 1 1", nil, "customers", "code,name,size_employees", "K1,Nordlys A/S,", "K2,Anna Berg,", "K3,New,1")
		if c := o.read("K1"); c.Name != "Nordlys A/S" || c.SizeEmployees != nil || c.Country != "DK" || c.OwnerID != o.ids["anna"] || c.Version != 2 || c.ImportID != im.ID {
			t.Errorf("updated: %+v", c)
		}
		if entries, err = audit.List(t.Context(), d.Read(), audit.Query{Kind: "customer", RecordID: c.ID, Limit: 1}); err != nil || entries[0].Action != audit.Update ||
			!strings.Contains(string(entries[0].Before), `"Nordlys"`) || !strings.Contains(string(entries[0].After), "Nordlys A/S") {
			t.Errorf("logged: %+v, %v", entries, err)
		}
	})
}

func TestImportRejects(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		o.add("OLD", "Old", "DK", "anna")
		seq := o.last()
		o.load("2 0 0", []string{"3 code", "4 owner", "5 unit", "6 country", "7 email", "8 size_employees", "9 valid_from", "10 valid_from", "11 parent", "12 parent", "13 name", "15 kind"}, "customers",
			"code,name,kind,size_employees,country,email,owner,unit,parent,valid_from",
			"K1,First,,,,,,,,",                         // 2
			"K1,First again,,,,,,,,",                   // 3
			"K2,Two,,,,,nobody,,,",                     // 4
			"K3,Three,,,,,,NOWHERE,,",                  // 5
			"K4,Four,,,Atlantis,,,,,",                  // 6
			"K5,Five,,,,no address,,,,",                // 7
			"K6,Six,,-1,,,,,,",                         // 8
			"K7,Seven,,,,,,,,2027-01-01",               // 9: the future
			"K8,Eight,,,,,,,,1066-10-14",               // 10
			"K9,Nine,,,,,,,K9,",                        // 11: its own group
			"K10,Ten,,,,,,,K99,",                       // 12: no such group
			"K11,"+strings.Repeat("x", 501)+",,,,,,,,", // 13
			"K12,Twelve,,,,,,,OLD,",                    // 14
			"K13,Thirteen,robot,,,,,,,")                // 15
		if got := o.groups(); got != "K1< K12<OLD OLD<" {
			t.Errorf("taken: %s", got)
		}
		if log := o.changes(seq); log != "create customer, create customer" {
			t.Errorf("change log: %s", log)
		}
		var reasons []string
		if err := d.Read().NewSelect().Table("import_reject").Column("reason").Order("line").Scan(t.Context(), &reasons); err != nil {
			t.Fatal(err)
		}
		for _, reason := range reasons {
			if !strings.HasSuffix(strings.TrimSpace(reason), ".") || strings.Contains(reason, "%!") {
				t.Errorf("the reason is no sentence: %q", reason)
			}
		}
	})
}

func TestImportCountries(t *testing.T) {
	o := newOffice(t, testkit.DB(t))
	o.load("8 0 0", []string{"10 country"}, "customers", "code,name,country",
		"1,A,Denmark", "2,A,Tyskland", "3,A,Polen", "4,A,Nederland", "5,A,Tajwan", "6,A,台灣", "7,A,de", "8,A,", "9,A,Narnia")
	var countries []string
	if err := o.db.Read().NewSelect().Table("customer").Column("country").Order("code").Scan(t.Context(), &countries); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(countries, " "); got != "DK DE PL NL TW TW DE " {
		t.Errorf("got %q", got)
	}
}

func TestImportGroups(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		// Members before their groups, three deep, and one in a group that is known.
		o.add("Z", "Known", "", "")
		o.load("5 0 0", nil, "customers", "code,name,parent", "A,A,B", "B,B,C", "C,C,", "D,D,B", "E,E,Z")
		if got := o.groups(); got != "A<B B<C C< D<B E<Z Z<" {
			t.Errorf("groups: %s", got)
		}
		// A circle in the file, whoever hangs on it, and whoever hangs on a row that is rejected.
		o.load("1 0 0", []string{"2 parent", "3 parent", "4 parent", "5 country", "6 parent"}, "customers", "code,name,parent,country",
			"P,P,Q,", "Q,Q,P,", "R,R,P,", "S,S,,Atlantis", "T,T,S,", "U,U,A,")
		// A circle with what is known; its second row turns A and B round.
		o.load("0 0 0", []string{"2 parent"}, "customers", "code,name,parent", "C,C,A")
		o.load("0 3 0", nil, "customers", "code,name,parent", "C,C,A", "A,A,", "B,B,A")
		if got := o.groups(); got != "A< B<A C<A D<B E<Z U<A Z<" {
			t.Errorf("groups turned round: %s", got)
		}
		// A new customer between two known ones closes a circle.
		o.load("1 0 0", []string{"3 parent"}, "customers", "code,name,parent", "N,N,B", "A,A,N")
		o.load("0 0 1", nil, "customers", "name,parent,code", "E,Z,E")
	})
}

func TestImportOwners(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		want := func(current, history string) {
			t.Helper()
			c := o.read("K1")
			if got := strings.TrimPrefix(c.OwnerName, "Person ") + " in " + strings.TrimPrefix(c.UnitName, "Unit "); got != current {
				t.Errorf("today %s, want %s", got, current)
			}
			if got := o.history("K1"); got != history {
				t.Errorf("history %s, want %s", got, history)
			}
		}
		o.load("1 0 0", nil, "customers", "code,name,owner,unit,valid_from", "K1,Nordlys,anna,DK,2020-01-01")
		want("anna in DK", "2020-01-01 anna in DK")
		o.load("0 1 0", nil, "customers", "code,name,owner", "K1,Nordlys,bo") // from today; the unit stays
		want("bo in DK", "2026-11-22 bo in DK, 2020-01-01 anna in DK")
		o.load("0 1 0", nil, "customers", "code,name,owner,valid_from", "K1,Nordlys,uwe,2024-01-01") // in the past only
		want("bo in DK", "2026-11-22 bo in DK, 2024-01-01 uwe in DK, 2020-01-01 anna in DK")
		before := o.prints()
		o.load("0 0 1", nil, "customers", "name,code,owner,valid_from", "Nordlys,K1,uwe,2024-01-01") // once more
		o.load("0 0 1", nil, "customers", "name,owner,code", "Nordlys,bo,K1")
		if o.prints() != before {
			t.Error("what is known changed something")
		}
		o.load("0 1 0", nil, "customers", "code,name,unit,owner", "K1,Nordlys,,") // nobody's
		want(" in ", "2026-11-22  in , 2024-01-01 uwe in DK, 2020-01-01 anna in DK")
	})
}

// TestImportInterrupted: an import that was stopped half-way counts, when it runs again, what it made before as created.
func TestImportInterrupted(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		o.add("C00003", "Known before", "", "")
		lines := []string{"code,name,owner,valid_from"}
		for i := range chunkRows + 10 {
			lines = append(lines, fmt.Sprintf("C%05d,Customer %d,anna,2025-01-01", i, i))
		}
		im := o.start("customers", lines...)
		ctx, cancel := context.WithCancel(o.ctx())
		_, err := o.intake.Run(ctx, im.ID, func(done, _ int64, _ string) {
			if done == chunkRows {
				cancel()
			}
		})
		if err == nil {
			t.Fatal("the import was not interrupted")
		}
		if n := strings.Count(o.groups(), "<"); n != chunkRows {
			t.Errorf("%d customers after the interruption, want %d", n, chunkRows)
		}
		counts, rejected := o.run(im)
		if want := fmt.Sprintf("%d 0 1", chunkRows+9); counts != want || len(rejected) > 0 {
			t.Errorf("again: %s, rejected %v, want %s", counts, rejected, want)
		}
		if h := o.history("C00003"); h != "2025-01-01 anna in , 1900-01-01  in " {
			t.Errorf("history: %s", h)
		}
	})
}

func TestImportLogsManyAsOne(t *testing.T) {
	o := newOffice(t, testkit.DB(t))
	lines, statements := []string{"code,name"}, []string{"customer,amount"}
	for i := range namedAudit + 1 {
		lines = append(lines, fmt.Sprintf("C%05d,Customer %d", i, i))
		statements = append(statements, fmt.Sprintf("C%05d,%d", i, i))
	}
	o.load(fmt.Sprintf("%d 0 0", namedAudit+1), nil, "customers", lines...)
	o.load(fmt.Sprintf("%d 0 0", namedAudit+1), nil, "potentials", statements...)
	if log := o.changes(0); log != "import customer, import potential" {
		t.Errorf("change log: %s", log)
	}
}

func (o *office) statements(code string) string {
	o.t.Helper()
	o.read(code)
	rows, err := o.Potentials(o.t.Context(), access.Everything(), o.ids[code])
	if err != nil {
		o.t.Fatal(err)
	}
	var lines []string
	for _, p := range slices.Backward(rows) {
		lines = append(lines, fmt.Sprintf("%s %s %d %s", p.ValidFrom, p.Source, p.Amount, p.Currency))
	}
	return strings.Join(lines, ", ")
}

func TestImportPotentials(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		for _, code := range []string{"K1", "K2", "K3"} {
			o.add(code, "Customer "+code, "DK", "anna")
		}
		want := func(code, statements string) {
			t.Helper()
			if got := o.statements(code); got != statements {
				t.Errorf("%s: %s, want %s", code, got, statements)
			}
		}
		o.load("4 0 0", []string{"5 customer", "7 amount", "8 currency", "9 customer", "10 valid_from", "11 valid_from", "12 source"}, "potentials",
			"customer,amount,currency,source,valid_from,note",
			"K1,1000.50,dkk,declared,2025-01-01,said so", // 2
			"K1,900,DKK,,2025-01-01,",                    // 3: another source
			"K2,77.005,,,,",                              // 4: rounded; in euro, imported, since ever
			"K99,1,,,,",                                  // 5
			"K3,5,JPY,surveyed,2026-01-01,",              // 6: yen have no cents
			"K3,-1,,estimated,2026-01-01,",               // 7
			"K3,1,XXX1,estimated,2026-02-01,",            // 8
			"K1,1,DKK,declared,2025-01-01,",              // 9: said above
			"K3,1,EUR,surveyed,,",                        // 10: row 6 has a date
			"K3,1,EUR,estimated,1066-10-14,",             // 11
			"K3,1,EUR,guessed,2026-01-01,")               // 12
		want("K1", "2025-01-01 declared 100050 DKK, 2025-01-01 imported 90000 DKK")
		want("K2", "1900-01-01 imported 7701 EUR")
		want("K3", "2026-01-01 surveyed 5 JPY")

		// Without dates: the same again is the same, another amount holds from today, and from then on is what is known.
		o.load("1 0 0", nil, "potentials", "customer,amount", "K3,20")
		before := o.prints()
		o.load("0 0 2", nil, "potentials", "amount,customer", "77.01,K2", "20,K3")
		if o.prints() != before {
			t.Error("what is known changed something")
		}
		o.load("1 0 0", nil, "potentials", "customer,amount", "K2,80")
		want("K2", "1900-01-01 imported 7701 EUR, 2026-11-22 imported 8000 EUR")
		o.load("0 1 0", nil, "potentials", "customer,amount", "K2,81") // twice a day: the later counts
		o.load("0 0 1", nil, "potentials", "amount,customer,currency", "81,K2,EUR")
		o.clock = o.clock.AddDate(0, 0, 7)
		o.load("0 0 1", nil, "potentials", "amount,currency,customer", "81,EUR,K2")
		o.load("1 0 0", nil, "potentials", "amount,currency,customer", "77.01,EUR,K2") // back to what it was
		want("K2", "1900-01-01 imported 7701 EUR, 2026-11-22 imported 8100 EUR, 2026-11-29 imported 7701 EUR")

		// With a date: the statement of that source and date is corrected; a note that is not mapped stays.
		seq := o.last()
		o.load("0 1 0", nil, "potentials", "customer,amount,currency,source,valid_from", "K1,1200,DKK,declared,2025-01-01")
		rows, err := o.Potentials(t.Context(), access.Everything(), o.ids["K1"])
		i := slices.IndexFunc(rows, func(p Potential) bool { return p.Source == Declared })
		if err != nil || i < 0 || rows[i].Amount != 1200_00 || rows[i].Note != "said so" || rows[i].Version != 2 || rows[i].CreatedByName != "Anna" {
			t.Errorf("corrected: %+v, %v", rows, err)
		}
		if log := o.changes(seq); log != "update potential" {
			t.Errorf("change log: %s", log)
		}
	})
}

func TestImportPotentialsInterrupted(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		customers, lines := []string{"code,name"}, []string{"customer,amount"}
		for i := range chunkRows + 10 {
			customers = append(customers, fmt.Sprintf("C%05d,Customer %d", i, i))
			lines = append(lines, fmt.Sprintf("C%05d,%d", i, i))
		}
		o.load(fmt.Sprintf("%d 0 0", chunkRows+10), nil, "customers", customers...)
		im := o.start("potentials", lines...)
		ctx, cancel := context.WithCancel(o.ctx())
		if _, err := o.intake.Run(ctx, im.ID, func(done, _ int64, _ string) {
			if done == chunkRows {
				cancel()
			}
		}); err == nil {
			t.Fatal("the import was not interrupted")
		}
		o.clock = o.clock.AddDate(0, 0, 1)
		if counts, rejected := o.run(im); counts != fmt.Sprintf("%d 0 0", chunkRows+10) || len(rejected) > 0 {
			t.Errorf("again: %s, rejected %v", counts, rejected)
		}
	})
}

func TestRemove(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		first := o.load("2 0 0", nil, "customers", "code,name,owner", "A,A,anna", "B,B,anna")
		second := o.load("1 0 0", nil, "customers", "code,name,parent", "C,C,A")
		o.add("D", "By hand", "", "", func(c *Customer) { c.ParentID = o.read("A").ID })
		potentials := o.load("3 0 0", nil, "potentials", "customer,amount", "A,1", "C,2", "D,3")
		kept := &Potential{CustomerID: o.ids["D"], Amount: 1, Currency: "EUR", Source: Declared, ValidFrom: "2026-01-01"}
		if err := o.AddPotential(o.ctx(), access.Everything(), kept); err != nil {
			t.Fatal(err)
		}
		if err := o.removePotentials(o.ctx(), []intake.Import{potentials}); err != nil {
			t.Fatal(err)
		}
		if got := o.statements("D"); got != "2026-01-01 declared 1 EUR" {
			t.Errorf("potentials left: %s", got)
		}
		if err := o.remove(o.ctx(), []intake.Import{second, first}); err != nil {
			t.Fatal(err)
		}
		if got := o.groups(); got != "D<" {
			t.Errorf("left: %s", got)
		}
		if n, err := d.Read().NewSelect().Table("ownership").Count(t.Context()); err != nil || n != 1 {
			t.Errorf("ownerships left: %d, %v", n, err)
		}
		if got := o.codes(access.Everything(), Query{Text: "a"}) + o.codes(access.Everything(), Query{Text: "hand"}); got != "D" {
			t.Errorf("the search index says %s", got)
		}
		if err := o.remove(o.ctx(), []intake.Import{second, first}); err != nil {
			t.Errorf("removed twice: %v", err)
		}
	})
}

func TestProjection(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		asked := 0
		converter := func(context.Context) (Convert, error) {
			asked++
			return func(amount int64, currency string, on date.Date) (int64, bool) {
				rate, ok := map[string]int64{"EUR": 1, "DKK": 7}[currency]
				if on >= "2026-01-01" {
					rate *= 10
				}
				return amount * rate, ok
			}, nil
		}
		p := projection.New(d, o.warehouse, o.Projections(converter)...)
		catchUp := func() {
			t.Helper()
			if err := p.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ask := func(query, want string) {
			t.Helper()
			rows, err := o.warehouse.Query(t.Context(), query, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			var lines []string
			for rows.Next() {
				var line string
				if err := rows.Scan(&line); err != nil {
					t.Fatal(err)
				}
				lines = append(lines, line)
			}
			if got := strings.Join(lines, ", "); got != want || rows.Err() != nil {
				t.Errorf("%s: %s, %v, want %s", query, got, rows.Err(), want)
			}
		}
		const (
			customers  = "SELECT concat_ws('|', code, name, kind, industry, size_employees, city, country, lifecycle, parent_id IS NULL, owner_id IS NULL, unit_id IS NULL) FROM customer ORDER BY code"
			ownerships = "SELECT concat_ws('|', c.code, o.valid_from, o.owner_id = c.owner_id, o.unit_id = c.unit_id) FROM ownership o JOIN customer c ON c.id = o.customer_id ORDER BY c.code, o.valid_from"
			potentials = "SELECT concat_ws('|', c.code, p.amount, p.source, p.valid_from) FROM potential p JOIN customer c ON c.id = p.customer_id ORDER BY c.code, p.valid_from"
		)
		size := int64(1) << 40
		a := o.add("A", "Anna's", "DK", "anna", func(c *Customer) { c.Industry, c.City, c.Country, c.SizeEmployees = "Yards", "Århus", "DK", &size })
		o.add("B", "Nobody's", "", "", func(c *Customer) { c.ParentID = a.ID })
		for _, s := range []Potential{{Amount: 100, Currency: "EUR", ValidFrom: "2025-01-01"}, {Amount: 100, Currency: "DKK", ValidFrom: "2026-01-01"}, {Amount: 1, Currency: "PLN", ValidFrom: "2026-06-01"}} {
			s.CustomerID, s.Source = a.ID, Declared
			if err := o.AddPotential(o.ctx(), access.Everything(), &s); err != nil {
				t.Fatal(err)
			}
		}
		catchUp()
		ask(customers, "A|Anna's|organisation|Yards|2147483647|Århus|DK|customer|true|false|false, B|Nobody's|organisation||||customer|false|true|true")
		ask(ownerships, "A|1900-01-01|true|true, B|1900-01-01")
		ask(potentials, "A|100|declared|2025-01-01, A|7000|declared|2026-01-01") // zloty have no rate
		if asked != 1 {
			t.Errorf("the rates were asked for %d times", asked)
		}

		if _, err := o.Update(o.ctx(), access.Everything(), a.ID, 1, func(c *Customer) { c.Name, c.OwnerID, c.ParentID = "Bo's", o.ids["bo"], "" }); err != nil {
			t.Fatal(err)
		}
		rows, err := o.Potentials(t.Context(), access.Everything(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := o.DeletePotential(o.ctx(), access.Everything(), rows[1].ID, 1); err != nil {
			t.Fatal(err)
		}
		catchUp()
		ask("SELECT name FROM customer ORDER BY code", "Bo's, Nobody's")
		ask(ownerships, "A|1900-01-01|false|true, A|2026-11-22|true|true, B|1900-01-01")
		ask(potentials, "A|100|declared|2025-01-01")

		im := o.load("1 0 1", nil, "customers", "code,name", "C,C", "B,Nobody's")
		catchUp()
		ask("SELECT code FROM customer ORDER BY code", "A, B, C")
		if err := o.remove(o.ctx(), []intake.Import{im}); err != nil {
			t.Fatal(err)
		}
		catchUp()
		ask("SELECT code FROM customer ORDER BY code", "A, B")
	})
}
