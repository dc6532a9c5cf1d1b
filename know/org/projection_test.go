package org_test

import (
	"database/sql"
	"testing"

	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/projection"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/org"
)

func TestProjection(t *testing.T) {
	d := testkit.DB(t)
	s, ctx := newShop(t, d), t.Context()
	w := testkit.Warehouse(t, projection.Schema, org.WarehouseSchema)
	p := projection.New(d, w, s.Projections()...)
	top := s.unit("TOP", "")
	dk := s.unit("DK", top.ID)
	anna := org.Person{Code: "AN", Name: "Anna", UnitID: top.ID}
	if err := s.CreatePerson(ctx, &anna, ""); err != nil {
		t.Fatal(err)
	}
	type row struct {
		name      string
		unit, top id.ID
	}
	look := func() row {
		t.Helper()
		if err := p.CatchUp(ctx); err != nil {
			t.Fatal(err)
		}
		rows, err := w.Query(ctx, `SELECT p.name, u.code, cast(u.id as varchar), cast(u.parent_id as varchar)
			FROM person p JOIN unit u ON u.id = p.unit_id`, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		if !rows.Next() {
			t.Fatal("nobody is in the warehouse")
		}
		var r row
		var code string
		var unit, parent sql.NullString
		if err := rows.Scan(&r.name, &code, &unit, &parent); err != nil {
			t.Fatal(err)
		}
		r.unit, r.top = id.ID(unit.String), id.ID(parent.String)
		return r
	}
	if got, want := look(), (row{"Anna", top.ID, ""}); got != want {
		t.Errorf("the warehouse has %+v, want %+v", got, want)
	}
	if _, err := s.UpdatePerson(ctx, anna.ID, 1, func(p *org.Person) { p.UnitID = dk.ID }, ""); err != nil {
		t.Fatal(err)
	}
	if got, want := look(), (row{"Anna", dk.ID, top.ID}); got != want {
		t.Errorf("the warehouse has %+v, want %+v", got, want)
	}
}
