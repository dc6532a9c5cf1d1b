package customer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

// shop is a store of customers with an organisation: Anna in DK, Bo in DK's team CPH, Uwe in DE; both countries are below
// TOP.
type shop struct {
	*Store
	t     *testing.T
	clock time.Time
	ids   map[string]id.ID // of units, people and customers, by code
}

func newShop(t *testing.T, d *db.DB) *shop {
	t.Helper()
	s := &shop{t: t, clock: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), ids: map[string]id.ID{"": ""}}
	s.Store = NewStore(d, func() time.Time { return s.clock })
	for _, u := range [][2]string{{"TOP", ""}, {"DK", "TOP"}, {"CPH", "DK"}, {"DE", "TOP"}} {
		s.ids[u[0]] = id.New()
		s.exec("INSERT INTO unit (id, code, name, kind, parent_id, version, created_at, updated_at) VALUES (?, ?, ?, 'team', ?, 1, ?, ?)",
			s.ids[u[0]], u[0], "Unit "+u[0], s.ids[u[1]], s.clock, s.clock)
	}
	for _, p := range [][2]string{{"anna", "DK"}, {"bo", "CPH"}, {"uwe", "DE"}} {
		s.ids[p[0]] = id.New()
		s.exec("INSERT INTO person (id, code, name, email, title, unit_id, version, created_at, updated_at) VALUES (?, ?, ?, '', '', ?, 1, ?, ?)",
			s.ids[p[0]], p[0], "Person "+p[0], s.ids[p[1]], s.clock, s.clock)
	}
	return s
}

func (s *shop) exec(statement string, args ...any) {
	s.t.Helper()
	err := s.db.Write(s.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, statement, args...)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// ctx is of a request by Anna.
func (s *shop) ctx() context.Context {
	return audit.WithActor(s.t.Context(), audit.Actor{ID: s.ids["anna"], Name: "Anna"})
}

// add creates a customer with this unit and owner.
func (s *shop) add(code, name, unit, owner string, more ...func(*Customer)) *Customer {
	s.t.Helper()
	c := &Customer{Code: code, Name: name, UnitID: s.ids[unit], OwnerID: s.ids[owner]}
	for _, change := range more {
		change(c)
	}
	if err := s.Create(s.ctx(), access.Everything(), c); err != nil {
		s.t.Fatal(err)
	}
	s.ids[code] = c.ID
	return c
}

// own, unit and nobody are the reaches of a salesperson, of a manager of these units and of somebody who is no person.
func (s *shop) own(person string) access.Reach {
	return reach(s.t, access.Principal{Role: access.Salesperson, Scope: access.ScopeOwn, PersonID: s.ids[person]})
}

func (s *shop) unit(person string, units ...string) access.Reach {
	p := access.Principal{Role: access.Manager, Scope: access.ScopeUnit, PersonID: s.ids[person]}
	for _, u := range units {
		p.Units = append(p.Units, s.ids[u])
	}
	return reach(s.t, p)
}

// codes lists what a query finds.
func (s *shop) codes(r access.Reach, q Query) string {
	s.t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	rows, err := s.List(s.t.Context(), r, q)
	if err != nil {
		s.t.Fatal(err)
	}
	var found []string
	for _, c := range rows {
		found = append(found, c.Code)
	}
	return strings.Join(found, " ")
}

// prints is everything that is stored of customers, to see that nothing changed.
func (s *shop) prints() string {
	s.t.Helper()
	var all strings.Builder
	for _, table := range []string{"customer", "ownership", "potential", "change_log"} {
		var rows []map[string]any
		q := s.db.Read().NewSelect().Table(table).ColumnExpr("*").OrderExpr("1, 2")
		if table == "change_log" {
			q.Where("kind IN (?)", bun.List([]string{auditKind, auditPotentialKind}))
		}
		if err := q.Scan(s.t.Context(), &rows); err != nil {
			s.t.Fatal(err)
		}
		fmt.Fprintln(&all, table, rows)
	}
	return all.String()
}

// changes is what the change log says of customers after a number, as "action kind", oldest first.
func (s *shop) changes(after int64) string {
	s.t.Helper()
	entries, err := audit.List(s.t.Context(), s.db.Read(), audit.Query{Limit: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	var done []string
	for _, e := range slices.Backward(entries) {
		if e.Seq > after && (e.Kind == auditKind || e.Kind == auditPotentialKind) {
			done = append(done, string(e.Action)+" "+e.Kind)
		}
	}
	return strings.Join(done, ", ")
}

func (s *shop) last() int64 {
	s.t.Helper()
	n, err := audit.Last(s.t.Context(), s.db.Read())
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *shop) history(code string) string {
	s.t.Helper()
	rows, err := s.Owners(s.t.Context(), access.Everything(), s.ids[code])
	if err != nil {
		s.t.Fatal(err)
	}
	var lines []string
	for _, o := range rows {
		lines = append(lines, fmt.Sprintf("%s %s in %s", o.ValidFrom, strings.TrimPrefix(o.OwnerName, "Person "), strings.TrimPrefix(o.UnitName, "Unit ")))
	}
	return strings.Join(lines, ", ")
}

func TestCreateAndGet(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		size := int64(12)
		group := s.add("G", "Gruppe", "DE", "uwe")
		c := s.add(" K1 ", "Ørsted", "DK", "anna", func(c *Customer) {
			c.SizeEmployees, c.Industry, c.City, c.Country, c.Email, c.ParentID = &size, "Energy", "Århus", "dk", "a@b.dk", group.ID
		})
		if !id.Valid(string(c.ID)) || c.Version != 1 || c.Code != "K1" || !c.CreatedAt.Equal(s.clock) || c.OwnerName != "Person anna" || c.UnitName != "Unit DK" || c.ParentName != "Gruppe" {
			t.Errorf("created: %+v", c)
		}
		got, err := s.Get(t.Context(), access.Everything(), c.ID)
		if err != nil || !got.same(c) || got.CreatedAt != c.CreatedAt || got.CreatedAt.Location() != time.UTC || *got.SizeEmployees != 12 || got.Country != "DK" {
			t.Errorf("read: %+v, %v", got, err)
		}
		if h := s.history(" K1 "); h != "1900-01-01 anna in DK" {
			t.Errorf("history: %s", h)
		}
		if log := s.changes(0); log != "create customer, create customer" {
			t.Errorf("change log: %s", log)
		}
		before := s.prints()
		for _, bad := range []struct {
			c    *Customer
			kind fault.Kind
			at   string
		}{
			{&Customer{Code: "K1", Name: "Another"}, fault.Conflict, "code"},
			{&Customer{Code: "", Name: "Another"}, fault.Invalid, "code"},
			{&Customer{Code: "K2", Name: "Another", OwnerID: id.New()}, fault.Invalid, "owner_id"},
			{&Customer{Code: "K2", Name: "Another", UnitID: id.New()}, fault.Invalid, "unit_id"},
			{&Customer{Code: "K2", Name: "Another", ParentID: id.New()}, fault.Invalid, "parent_id"},
		} {
			err := s.Create(s.ctx(), access.Everything(), bad.c)
			if !fault.Is(err, bad.kind) || len(fault.Of(err).Fields) != 1 || fault.Of(err).Fields[0].Path != bad.at {
				t.Errorf("%+v: got %v", bad.c, err)
			}
		}
		if s.prints() != before {
			t.Error("a refused customer left something behind")
		}
	})
}

func TestUpdate(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		c := s.add("K1", "Nordlys", "DK", "anna")
		s.add("K2", "Other", "DK", "anna")
		s.clock = s.clock.AddDate(0, 0, 3)
		all, seq := access.Everything(), s.last()

		after, err := s.Update(s.ctx(), all, c.ID, 1, func(c *Customer) { c.Name, c.City = "Østerlys", "Skagen" })
		if err != nil || after.Version != 2 || after.Name != "Østerlys" || !after.UpdatedAt.Equal(s.clock) || !after.CreatedAt.Equal(c.CreatedAt) {
			t.Fatalf("got %+v, %v", after, err)
		}
		if got := s.codes(all, Query{Text: "skagen"}) + s.codes(all, Query{Text: "osterlys"}) + s.codes(all, Query{Text: "nordlys"}); got != "K1K1" {
			t.Errorf("the search index says %s", got)
		}
		if log := s.changes(seq); log != "update customer" {
			t.Errorf("change log: %s", log)
		}
		entry, err := audit.List(t.Context(), d.Read(), audit.Query{Kind: "customer", RecordID: c.ID, Limit: 1})
		if err != nil || entry[0].ActorName != "Anna" || !strings.Contains(string(entry[0].Before), "Nordlys") || !strings.Contains(string(entry[0].After), "Østerlys") {
			t.Errorf("logged: %+v, %v", entry, err)
		}
		if h := s.history("K1"); h != "1900-01-01 anna in DK" {
			t.Errorf("a new name made history: %s", h)
		}

		before := s.prints()
		for name, tc := range map[string]struct {
			version int64
			change  func(*Customer)
			kind    fault.Kind
		}{
			"stale":         {1, func(c *Customer) { c.Name = "Lost" }, fault.Precondition},
			"ahead":         {3, func(c *Customer) { c.Name = "Lost" }, fault.Precondition},
			"taken code":    {2, func(c *Customer) { c.Code = "K2" }, fault.Conflict},
			"no name":       {2, func(c *Customer) { c.Name = "" }, fault.Invalid},
			"unknown owner": {2, func(c *Customer) { c.OwnerID = id.New() }, fault.Invalid},
		} {
			if got, err := s.Update(s.ctx(), all, c.ID, tc.version, tc.change); !fault.Is(err, tc.kind) || got != nil {
				t.Errorf("%s: got %v, %v", name, got, err)
			}
		}
		if _, err := s.Update(s.ctx(), all, id.New(), 1, func(*Customer) {}); !fault.Is(err, fault.NotFound) {
			t.Errorf("unknown: %v", err)
		}
		if s.prints() != before {
			t.Error("a refused change left something behind")
		}
		after, err = s.Update(s.ctx(), all, c.ID, 2, func(c *Customer) { c.ID, c.Version, c.Phone = id.New(), 99, "12" })
		if err != nil || after.ID != c.ID || after.Version != 3 {
			t.Errorf("a change of id and version: %+v, %v", after, err)
		}
	})
}

func TestNewOwnerHoldsFromToday(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		c := s.add("K1", "Nordlys", "DK", "anna")
		give := func(version int64, unit, owner string) {
			t.Helper()
			if _, err := s.Update(s.ctx(), access.Everything(), c.ID, version, func(c *Customer) { c.UnitID, c.OwnerID = s.ids[unit], s.ids[owner] }); err != nil {
				t.Fatal(err)
			}
		}
		give(1, "CPH", "bo")
		if h := s.history("K1"); h != "2026-11-22 bo in CPH, 1900-01-01 anna in DK" {
			t.Errorf("after a new owner: %s", h)
		}
		give(2, "DE", "uwe")
		if h := s.history("K1"); h != "2026-11-22 uwe in DE, 1900-01-01 anna in DK" {
			t.Errorf("after another the same day: %s", h)
		}
		s.clock = s.clock.AddDate(0, 0, 1)
		give(3, "DE", "")
		if h := s.history("K1"); h != "2026-11-23  in DE, 2026-11-22 uwe in DE, 1900-01-01 anna in DK" {
			t.Errorf("after nobody has it: %s", h)
		}
	})
}

func TestTwoAtOnce(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		c := s.add("K1", "Nordlys", "DK", "anna")
		errs := make(chan error)
		for i := range 8 {
			go func() {
				_, err := s.Update(s.ctx(), access.Everything(), c.ID, 1, func(c *Customer) { c.Name = fmt.Sprint("Writer ", i) })
				errs <- err
			}()
		}
		won := 0
		for range 8 {
			if err := <-errs; err == nil {
				won++
			} else if !fault.Is(err, fault.Precondition) {
				t.Errorf("got %v", err)
			}
		}
		after, err := s.Get(t.Context(), access.Everything(), c.ID)
		if won != 1 || err != nil || after.Version != 2 {
			t.Errorf("%d of eight changes of one version were taken; version %d, %v", won, after.Version, err)
		}
	})
}

func TestGroups(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		for _, code := range []string{"A", "B", "C"} {
			s.add(code, "Customer "+code, "DK", "anna")
		}
		put := func(code, group string, version int64) error {
			_, err := s.Update(s.ctx(), access.Everything(), s.ids[code], version, func(c *Customer) { c.ParentID = s.ids[group] })
			return err
		}
		if err := errors.Join(put("B", "A", 1), put("C", "B", 1)); err != nil {
			t.Fatal(err)
		}
		for _, group := range []string{"A", "B", "C"} {
			if err := put("A", group, 1); !slices.Equal(places(t, err), []string{"parent_id"}) {
				t.Errorf("A below %s: %v", group, err)
			}
		}
		if err := errors.Join(put("B", "", 2), put("A", "C", 1), put("C", "", 2)); err != nil {
			t.Errorf("a chain that was opened: %v", err)
		}

		// Two that make a circle only together.
		s.add("X", "X", "DK", "anna")
		s.add("Y", "Y", "DK", "anna")
		results := make(chan error)
		go func() { results <- put("X", "Y", 1) }()
		go func() { results <- put("Y", "X", 1) }()
		if one, two := <-results, <-results; (one == nil) == (two == nil) {
			t.Errorf("each below the other: %v and %v", one, two)
		}
	})
}

// TestReach is A01 at the store: what is out of reach does not exist, and nothing of it changes.
func TestReach(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		s.add("A", "Anna's", "DK", "anna")
		s.add("B", "Bo's", "CPH", "bo", func(c *Customer) { c.ParentID = s.ids["A"] })
		s.add("U", "Uwe's", "DE", "uwe", func(c *Customer) { c.Industry, c.Country = "Yards", "DE" })
		s.add("E", "Bo's in Germany", "DE", "bo")
		s.add("N", "Nobody's", "", "")
		for i, code := range []string{"A", "B", "U", "E", "N"} {
			p := &Potential{CustomerID: s.ids[code], Amount: int64(i), Currency: "EUR", Source: Declared, ValidFrom: "2026-01-01"}
			if err := s.AddPotential(s.ctx(), access.Everything(), p); err != nil {
				t.Fatal(err)
			}
			s.ids["p"+code] = p.ID
		}
		for _, tc := range []struct {
			name  string
			reach access.Reach
			sees  string
		}{
			{"all", access.Everything(), "A B E N U"},
			{"the manager of Denmark", s.unit("anna", "DK", "CPH"), "A B"},
			{"the manager of Germany who has one in Denmark", s.unit("bo", "DE"), "B E U"},
			{"a manager who is no person", s.unit("", "DE"), "E U"},
			{"Bo", s.own("bo"), "B E"},
			{"somebody who is no person", s.own(""), ""},
			{"nobody", access.Reach{}, ""},
		} {
			t.Run(tc.name, func(t *testing.T) {
				if got := s.codes(tc.reach, Query{Sort: filter.Sort{Name: "code"}}); got != tc.sees {
					t.Fatalf("lists %q, want %q", got, tc.sees)
				}
				ids := []id.ID{}
				for _, code := range []string{"A", "B", "U", "E", "N"} {
					ids = append(ids, s.ids[code])
				}
				named, err := s.Named(t.Context(), tc.reach, ids)
				if err != nil || len(named) != len(strings.Fields(tc.sees)) {
					t.Errorf("names %d, %v", len(named), err)
				}
				for _, code := range []string{"A", "B", "U", "E", "N"} {
					if strings.Contains(tc.sees, code) {
						s.reachable(t, tc.reach, code)
					} else {
						s.hidden(t, tc.reach, code)
					}
				}
			})
		}
	})
}

func (s *shop) reachable(t *testing.T, r access.Reach, code string) {
	t.Helper()
	if _, err := s.Get(t.Context(), r, s.ids[code]); err != nil {
		t.Errorf("get %s: %v", code, err)
	}
	if rows, err := s.Potentials(t.Context(), r, s.ids[code]); err != nil || len(rows) != 1 {
		t.Errorf("potentials of %s: %v, %v", code, rows, err)
	}
}

func (s *shop) hidden(t *testing.T, r access.Reach, code string) {
	t.Helper()
	before := s.prints()
	customer, potential := s.ids[code], s.ids["p"+code]
	_, get := s.Get(t.Context(), r, customer)
	_, owners := s.Owners(t.Context(), r, customer)
	_, potentials := s.Potentials(t.Context(), r, customer)
	_, update := s.Update(s.ctx(), r, customer, 1, func(c *Customer) { c.Name = "Mine" })
	_, stale := s.Update(s.ctx(), r, customer, 7, func(c *Customer) { c.Name = "" })
	_, change := s.UpdatePotential(s.ctx(), r, potential, 1, func(p *Potential) { p.Amount = 7 })
	for name, err := range map[string]error{"get": get, "owners": owners, "potentials": potentials, "update": update, "update of another version": stale,
		"within": s.Within(t.Context(), r, customer), "add potential": s.AddPotential(s.ctx(), r, &Potential{CustomerID: customer, Currency: "EUR", Source: Surveyed, ValidFrom: "2026-01-01"}),
		"change potential": change, "delete potential": s.DeletePotential(s.ctx(), r, potential, 1), "delete another version": s.DeletePotential(s.ctx(), r, potential, 7)} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s of %s: got %v, want not found", name, code, err)
		}
	}
	if s.prints() != before {
		t.Errorf("%s changed though it is out of reach", code)
	}
}

// TestReachOfWhatIsWritten: nobody can give themselves, or lose, a customer that they do not look after.
func TestReachOfWhatIsWritten(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		s.add("A", "Anna's", "DK", "anna")
		s.add("B", "Bo's", "CPH", "bo", func(c *Customer) { c.ParentID = s.ids["A"] })
		bo, denmark := s.own("bo"), s.unit("anna", "DK", "CPH")
		before := s.prints()
		for name, err := range map[string]error{
			"Bo adds one without an owner": s.Create(s.ctx(), bo, &Customer{Code: "X", Name: "X"}),
			"Bo adds one for Anna":         s.Create(s.ctx(), bo, &Customer{Code: "X", Name: "X", OwnerID: s.ids["anna"]}),
			"Anna adds one in Germany":     s.Create(s.ctx(), denmark, &Customer{Code: "X", Name: "X", UnitID: s.ids["DE"], OwnerID: s.ids["uwe"]}),
			"Bo gives one away":            second(s.Update(s.ctx(), bo, s.ids["B"], 1, func(c *Customer) { c.OwnerID = s.ids["anna"] })),
			"Anna gives one away":          second(s.Update(s.ctx(), denmark, s.ids["B"], 1, func(c *Customer) { c.UnitID, c.OwnerID = s.ids["DE"], s.ids["uwe"] })),
			"Bo joins a group unseen":      s.Create(s.ctx(), bo, &Customer{Code: "X", Name: "X", OwnerID: s.ids["bo"], ParentID: s.ids["A"]}),
		} {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if s.prints() != before {
			t.Error("a refused change left something behind")
		}
		after, err := s.Update(s.ctx(), bo, s.ids["B"], 1, func(c *Customer) { c.Phone = "12" })
		if err != nil || after.ParentID != s.ids["A"] || after.ParentName != "" {
			t.Errorf("Bo's own, in a group that he cannot see: %+v, %v", after, err)
		}
		if seen, err := s.Get(t.Context(), denmark, s.ids["B"]); err != nil || seen.ParentName != "Anna's" {
			t.Errorf("the group for who sees it: %+v, %v", seen, err)
		}
		if err := s.Create(s.ctx(), denmark, &Customer{Code: "X", Name: "X", UnitID: s.ids["CPH"], OwnerID: s.ids["uwe"]}); err != nil {
			t.Errorf("one in Copenhagen: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestPotentials(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		c := s.add("K1", "Nordlys", "DK", "anna")
		all, seq := access.Everything(), s.last()
		say := func(amount int64, source, from string) (*Potential, error) {
			p := &Potential{ID: "mine", CustomerID: c.ID, Amount: amount, Currency: "dkk", Source: source, ValidFrom: "2026-01-01", CreatedByName: "Me", Version: 9}
			p.ValidFrom = "2026-01-01"
			if from != "" {
				p.ValidFrom = "2026-06-01"
			}
			return p, s.AddPotential(s.ctx(), all, p)
		}
		first, err := say(100_00, Declared, "")
		if err != nil || !id.Valid(string(first.ID)) || first.Version != 1 || first.CreatedByName != "Anna" || first.Currency != "DKK" || !first.CreatedAt.Equal(s.clock) {
			t.Fatalf("got %+v, %v", first, err)
		}
		if _, err := say(200_00, Declared, ""); !fault.Is(err, fault.Conflict) || fault.Of(err).Fields[0].Path != "valid_from" {
			t.Errorf("the same source and date: %v", err)
		}
		other, err := say(300_00, Estimated, "")
		later, laterErr := say(400_00, Declared, "june")
		if err = errors.Join(err, laterErr); err != nil {
			t.Fatal(err)
		}
		rows, err := s.Potentials(t.Context(), all, c.ID)
		if err != nil || len(rows) != 3 || rows[0].ID != later.ID || rows[0].ValidFrom != "2026-06-01" || rows[0].CreatedAt.Location() != time.UTC {
			t.Fatalf("got %+v, %v", rows, err)
		}

		s.clock = s.clock.Add(time.Hour)
		after, err := s.UpdatePotential(s.ctx(), all, first.ID, 1, func(p *Potential) { p.Amount, p.CustomerID, p.Version = 150_00, id.New(), 7 })
		if err != nil || after.Amount != 150_00 || after.Version != 2 || after.CustomerID != c.ID || !after.UpdatedAt.Equal(s.clock) || !after.CreatedAt.Equal(first.CreatedAt) {
			t.Errorf("changed: %+v, %v", after, err)
		}
		before := s.prints()
		for name, err := range map[string]error{
			"stale change":   second(s.UpdatePotential(s.ctx(), all, first.ID, 1, func(p *Potential) { p.Amount = 1 })),
			"stale deletion": s.DeletePotential(s.ctx(), all, first.ID, 1),
		} {
			if !fault.Is(err, fault.Precondition) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := s.UpdatePotential(s.ctx(), all, first.ID, 2, func(p *Potential) { p.ValidFrom = "2026-06-01" }); !fault.Is(err, fault.Conflict) {
			t.Errorf("onto a date that is taken: %v", err)
		}
		if got, err := s.UpdatePotential(s.ctx(), all, first.ID, 2, func(p *Potential) { p.Amount = -1 }); !slices.Equal(places(t, err), []string{"amount"}) || got != nil {
			t.Errorf("negative: %v, %v", got, err)
		}
		if s.prints() != before {
			t.Error("a refused change left something behind")
		}
		if err := s.DeletePotential(s.ctx(), all, other.ID, 1); err != nil {
			t.Error(err)
		}
		if err := s.DeletePotential(s.ctx(), all, other.ID, 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("deleted twice: %v", err)
		}
		if rows, err = s.Potentials(t.Context(), all, c.ID); err != nil || len(rows) != 2 {
			t.Errorf("left: %+v, %v", rows, err)
		}
		if log := s.changes(seq); log != "create potential, create potential, create potential, update potential, delete potential" {
			t.Errorf("change log: %s", log)
		}
	})
}
