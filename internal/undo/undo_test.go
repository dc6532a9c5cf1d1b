package undo_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/internal/undo"
)

func units() undo.Records {
	return undo.Records{Table: undo.Table{Name: "unit", Key: "id"}, Sets: []undo.Table{{Name: "unit_place", Key: "unit_id", Set: true}},
		Referred: []undo.Reference{{Table: "unit", Column: "parent_id", Label: "units below"}, {Table: "unit_place", Column: "parent_id", Label: "places", Nobody: true}}}
}

func rates() undo.Table {
	return undo.Table{Name: "rate", Key: "rate.currency || ' ' || cast(rate.valid_from AS text)"}
}

type store struct {
	t *testing.T
	d *db.DB
}

func (s store) write(fn func(ctx context.Context, tx bun.Tx) error) {
	s.t.Helper()
	if err := s.d.Write(s.t.Context(), fn); err != nil {
		s.t.Fatal(err)
	}
}

func (s store) exec(text string, args ...any) {
	s.t.Helper()
	s.write(func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, text, args...)
		return err
	})
}

// text is a table as text, but for versions.
func (s store) text(query string) string {
	s.t.Helper()
	rows, err := s.d.Read().QueryContext(s.t.Context(), query)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		s.t.Fatal(err)
	}
	var out strings.Builder
	for rows.Next() {
		cells, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			s.t.Fatal(err)
		}
		for i, c := range columns {
			if b, ok := cells[i].([]byte); ok {
				cells[i] = string(b)
			}
			if c != "version" {
				fmt.Fprintf(&out, "%v|", cells[i])
			}
		}
		out.WriteByte('\n')
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	return out.String()
}

const asked = "SELECT * FROM unit ORDER BY code"

func TestPutBack(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := store{t, d}
		one, two := id.New(), id.New()
		first, second := s.imports(1), s.imports(2)
		at := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
		add := func(unit id.ID, code string, by id.ID) {
			s.exec("INSERT INTO unit (id, code, name, kind, import_id, version, created_at, updated_at) VALUES (?, ?, ?, 'team', ?, 1, ?, ?)", unit, code, `Søren "x" 's`, by, at, at)
		}
		add(one, "A", "")
		s.exec("INSERT INTO unit_place (unit_id, valid_from) VALUES (?, '1900-01-01'), (?, '2026-01-01')", one, one)
		s.exec("INSERT INTO rate (currency, valid_from, rate, updated_at) VALUES ('EUR', '2026-01-01', 74600000000, ?), ('EUR', '2026-02-01', 75000000000, ?)", at, at)
		all := func() string {
			return s.text(asked) + s.text("SELECT * FROM unit_place ORDER BY unit_id, valid_from") + s.text("SELECT * FROM rate ORDER BY currency, valid_from")
		}
		before := all()

		change := func(importID id.ID, name string) {
			s.write(func(ctx context.Context, tx bun.Tx) error {
				for _, table := range append([]undo.Table{units().Table}, units().Sets...) {
					if err := table.Keep(ctx, tx, importID, one); err != nil {
						return err
					}
				}
				return rates().Keep(ctx, tx, importID, "EUR 2026-01-01")
			})
			s.exec("UPDATE unit SET name = ?, version = version + 1 WHERE id = ?", name, one)
			s.exec("DELETE FROM unit_place WHERE valid_from = '2026-01-01'")
			s.exec("UPDATE rate SET rate = rate + 5 WHERE valid_from = '2026-01-01'")
		}
		change(first, "Changed")
		change(first, "Changed again") // the first image stays
		add(two, "B", first)
		s.exec("UPDATE unit SET parent_id = ? WHERE id = ?", one, two)

		touched, err := units().Blockers(t.Context(), d.Read(), first)
		if err != nil || len(touched) != 0 {
			t.Fatalf("nothing came after it: %+v, %v", touched, err)
		}
		change(second, "Later")
		add(id.New(), "C", second)
		s.exec("UPDATE unit SET parent_id = ? WHERE code = 'C'", two)
		s.write(func(ctx context.Context, tx bun.Tx) error {
			ctx = audit.WithActor(ctx, audit.Actor{ID: id.New(), Name: "Ada"})
			return audit.Record(ctx, tx, audit.Change{Kind: "unit", ID: two, Action: audit.Update})
		})
		touched, err = units().Blockers(t.Context(), d.Read(), first)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, b := range touched {
			got = append(got, fmt.Sprint(b.What, b.Uses, b.ImportID == second, b.ActorName, b.Records, b.RecordID == two))
		}
		if want := "unitfalse true1 false, unitfalse falseAda1 true, units belowtrue true1 false"; strings.Join(got, ", ") != want {
			t.Errorf("got %s", strings.Join(got, ", "))
		}

		for _, importID := range []id.ID{second, first} {
			s.write(func(ctx context.Context, tx bun.Tx) error {
				if _, err := units().Delete(ctx, tx, importID); err != nil {
					return err
				}
				if _, err := units().PutBack(ctx, tx, importID); err != nil {
					return err
				}
				if _, err := rates().PutBack(ctx, tx, importID); err != nil {
					return err
				}
				return undo.Forget(ctx, tx, importID)
			})
		}
		if after := all(); after != before {
			t.Errorf("got\n%swant\n%s", after, before)
		}
		if kept := s.text("SELECT count(*) FROM import_before"); kept != "0|\n" {
			t.Errorf("kept rows are left: %s", kept)
		}
	})
}

// imports records an import of a number.
func (s store) imports(no int) id.ID {
	importID := id.New()
	s.exec("INSERT INTO import (id, no, kind, source, state, mapping, fingerprint, started_by_name, created_at) VALUES (?, ?, 'units', '', 'accepted', '{}', '', 'Ada', ?)",
		importID, no, time.Now().UTC())
	return importID
}

func TestDeleteLoose(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := store{t, d}
		by := s.imports(1)
		ids := map[string]id.ID{}
		for _, code := range []string{"top", "below", "used", "fact", "edited"} {
			ids[code] = id.New()
			s.exec("INSERT INTO unit (id, code, name, kind, import_id, version, created_at, updated_at) VALUES (?, ?, 'x', 'team', ?, 1, ?, ?)", ids[code], code, by, time.Now().UTC(), time.Now().UTC())
		}
		s.exec("UPDATE unit SET parent_id = ? WHERE code = 'below'", ids["top"])
		s.exec("INSERT INTO unit (id, code, name, kind, parent_id, version, created_at, updated_at) VALUES (?, 'mine', 'x', 'team', ?, 1, ?, ?)", id.New(), ids["used"], time.Now().UTC(), time.Now().UTC())
		s.write(func(ctx context.Context, tx bun.Tx) error {
			return audit.Record(ctx, tx, audit.Change{Kind: "unit", ID: ids["edited"], Action: audit.Update})
		})
		s.write(func(ctx context.Context, tx bun.Tx) error {
			gone, left, err := units().DeleteLoose(ctx, tx, by, map[id.ID]bool{ids["fact"]: true})
			if gone != 2 || left != 3 {
				t.Errorf("%d gone, %d left", gone, left)
			}
			return err
		})
		if got := strings.Fields(s.text("SELECT code FROM unit ORDER BY code")); strings.Join(got, " ") != "edited| fact| mine| used|" {
			t.Errorf("left: %v", got)
		}
	})
}
