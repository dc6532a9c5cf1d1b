package org

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/undo"
	"github.com/kvadrant/kvadrant/know/intake"
)

// chunkRows is how many records one statement or transaction of an import writes.
const chunkRows = 1000

// Intake is how units and people come in from files; units first, since people sit in them.
func (s *Store) Intake() []intake.Kind {
	return []intake.Kind{
		{
			Key: "units", Label: "Units", Fields: unitFields(), Load: s.loadUnits, Remove: s.removeUnits, Records: []undo.Records{unitRecords()},
			Synonyms: []string{"unit", "organisation", "organization", "org units", "departments", "territories", "regions", "sales territory",
				"enheder", "afdelinger", "organisationseinheiten", "abteilungen", "gebiete", "afdelingen", "eenheden", "rayons",
				"jednostki", "działy", "oddziały", "單位", "部門"},
		},
		{
			Key: "people", Label: "People", Fields: personFields(), Load: s.loadPeople, Remove: s.removePeople, Records: []undo.Records{personRecords()},
			Synonyms: []string{"person", "persons", "employees", "employee", "staff", "salespeople", "sales reps", "sales force",
				"personer", "medarbejdere", "sælgere", "personen", "mitarbeiter", "verkäufer", "medewerkers", "verkopers",
				"osoby", "pracownicy", "handlowcy", "員工", "人員", "業務員"},
		},
	}
}

func unitRecords() undo.Records {
	return undo.Records{
		Table: undo.Table{Name: "unit", Key: "id"}, Sets: []undo.Table{{Name: "unit_place", Key: "unit_id", Set: true}},
		Referred: []undo.Reference{{Table: "unit", Column: "parent_id", Label: "units below them"}, {Table: "person", Column: "unit_id", Label: "people"},
			{Table: "customer", Column: "unit_id", Label: "customers"}, {Table: "ownership", Column: "unit_id", Label: "owners of customers in the past", Nobody: true},
			{Table: "user_account", Column: "unit_id", Label: "users", Nobody: true}},
	}
}

func personRecords() undo.Records {
	return undo.Records{
		Table: undo.Table{Name: "person", Key: "id"}, Sets: []undo.Table{{Name: "person_place", Key: "person_id", Set: true}},
		Referred: []undo.Reference{{Table: "customer", Column: "owner_id", Label: "customers"},
			{Table: "ownership", Column: "owner_id", Label: "owners of customers in the past", Nobody: true},
			{Table: "user_account", Column: "person_id", Label: "users", Nobody: true}},
		Facts: []undo.Reference{{Table: "purchase", Column: "seller_id", Label: "purchases"}, {Table: "interaction", Column: "person_id", Label: "interactions"}},
	}
}

// keep keeps a record and its places as they are before an import changes them.
func keep(ctx context.Context, tx bun.Tx, r undo.Records, importID, record id.ID) error {
	for _, t := range append([]undo.Table{r.Table}, r.Sets...) {
		if err := t.Keep(ctx, tx, importID, record); err != nil {
			return err
		}
	}
	return nil
}

func unitFields() []intake.Field {
	return []intake.Field{
		{Name: "code", Label: "Code", Type: intake.Code, Required: true,
			Help: "The unit's key in your own systems; a row with a known code updates that unit.",
			Synonyms: []string{"unit code", "unit no", "unit id", "department code", "department no", "territory code", "territory id", "territory key",
				"sales territory key", "sales territory alternate key", "region code", "cost center",
				"enhedskode", "enhedsnr", "afdelingskode", "afdelingsnr", "abteilungsnummer", "abteilungscode", "kostenstelle", "gebietsnummer",
				"afdelingscode", "afdelingsnummer", "eenheidscode", "kod jednostki", "kod działu", "numer działu", "部門代碼", "部門編號", "單位代碼"}},
		{Name: "name", Label: "Name", Type: intake.Text, Required: true,
			Synonyms: []string{"unit name", "department name", "department", "territory", "territory name", "sales territory region", "region",
				"enhed", "enhedsnavn", "afdeling", "afdelingsnavn", "navn", "abteilung", "abteilungsname", "bezeichnung", "gebiet",
				"afdelingsnaam", "naam", "rayon", "nazwa", "nazwa jednostki", "nazwa działu", "名稱", "部門名稱", "單位名稱"}},
		{Name: "kind", Label: "Kind", Type: intake.Choice, Choices: unitKinds(),
			Help:     "Left out: a company at the top of the tree, a department anywhere else.",
			Synonyms: []string{"type", "unit type", "level", "enhedstype", "niveau", "art", "ebene", "soort", "rodzaj", "poziom", "類型", "層級"}},
		{Name: "parent", Label: "Belongs to", Type: intake.Code,
			Help: "The code of the unit it belongs to, in this file or already known. Empty: the top of the tree.",
			Synonyms: []string{"parent code", "parent unit", "parent", "parent id", "belongs to", "reports to", "overordnet", "overordnet enhed",
				"übergeordnet", "übergeordnete einheit", "gehört zu", "bovenliggende eenheid", "hoort bij",
				"jednostka nadrzędna", "nadrzędny", "上級單位", "上級部門"}},
		validFrom("Belongs there since"),
	}
}

func personFields() []intake.Field {
	return []intake.Field{
		{Name: "code", Label: "Code", Type: intake.Code, Required: true,
			Help: "The person's key in your own systems; a row with a known code updates that person.",
			Synonyms: []string{"employee code", "employee no", "employee number", "employee id", "employee key", "staff no", "person code", "salesperson code",
				"salesperson id", "initials", "medarbejdernr", "medarbejdernummer", "initialer", "sælgerkode", "personalnummer", "mitarbeiternummer",
				"verkäufernummer", "kürzel", "personeelsnummer", "medewerkersnummer", "verkoperscode",
				"numer pracownika", "kod pracownika", "kod handlowca", "員工編號", "工號", "業務代碼"}},
		{Name: "name", Label: "Name", Type: intake.Text, Required: true,
			Synonyms: []string{"full name", "employee name", "person name", "salesperson", "navn", "fulde navn", "medarbejder", "sælger",
				"vollständiger name", "mitarbeiter", "verkäufer", "naam", "volledige naam", "medewerker", "verkoper",
				"imię i nazwisko", "nazwisko", "pracownik", "handlowiec", "姓名", "員工姓名"}},
		{Name: "email", Label: "E-mail", Type: intake.Text,
			Synonyms: []string{"e-mail", "mail", "email address", "e-mailadresse", "mailadresse", "e-mail-adresse", "e-mailadres", "adres e-mail", "電子郵件", "信箱"}},
		{Name: "title", Label: "Title", Type: intake.Text,
			Synonyms: []string{"job title", "position", "role", "function", "titel", "stilling", "stillingsbetegnelse", "funktion", "berufsbezeichnung",
				"functie", "functietitel", "stanowisko", "tytuł", "職稱", "職位"}},
		{Name: "unit", Label: "Unit", Type: intake.Code, Help: "The code of the unit the person is in. Empty: in none.",
			Synonyms: []string{"unit code", "department", "department code", "territory", "territory key", "sales territory key", "team",
				"enhed", "afdeling", "abteilung", "gebiet", "kostenstelle", "eenheid", "rayon", "jednostka", "dział", "oddział", "部門", "單位"}},
		validFrom("In the unit since"),
	}
}

func validFrom(label string) intake.Field {
	return intake.Field{
		Name: "valid_from", Label: label, Type: intake.Date,
		Help:     "Left out: since ever for a new one, from today for a change. It cannot lie in the future.",
		Synonyms: []string{"valid from", "from", "since", "start date", "gyldig fra", "fra dato", "gültig ab", "seit", "geldig vanaf", "vanaf", "ważne od", "od dnia", "生效日期", "起始日期"},
	}
}

// entry is the place that a row of a file gives to a record.
type entry struct {
	before history   // of the record; empty when it is new
	from   date.Date // as the file says; "" when it does not
	unit   id.ID
	mapped bool // whether the file speaks of places at all
}

// place returns the record's unit of today after the import, and the place to be written, if any.
func (e entry) place(record id.ID, today date.Date) (id.ID, []moved) {
	if len(e.before) == 0 {
		from := e.from
		if from == "" {
			from = Beginning
		}
		return e.unit, []moved{{record: record, from: from, unit: e.unit}}
	}
	// A file that does not say since when repeats what is known, unless the unit is another one.
	if !e.mapped || e.from == "" && e.before.last() == e.unit {
		return e.before.last(), nil
	}
	from := e.from
	if from == "" {
		from = today
	}
	after, differs := e.before.with(from, e.unit)
	if !differs {
		return after.last(), nil
	}
	return after.last(), []moved{{record: record, from: from, unit: e.unit}}
}

// countKnown counts a record that was there; one that this very import made before it was interrupted counts as created.
func countKnown(c *intake.Counts, ours, changed bool) {
	switch {
	case ours:
		c.Created++
	case changed:
		c.Updated++
	default:
		c.Unchanged++
	}
}

func inFuture(from, today date.Date) (fault.Reason, bool) {
	return fault.Why("place_in_future", "{day} lies in the future; a place can begin today or earlier.", "day", string(from)), from > today
}

func importIDs(imports []intake.Import) []id.ID {
	ids := make([]id.ID, len(imports))
	for i, imp := range imports {
		ids[i] = imp.ID
	}
	return ids
}

// removeUnits takes the units away that these imports created. Units and people that were put under them since stand at
// the top of the tree then, or in no unit.
func (s *Store) removeUnits(ctx context.Context, imports []intake.Import) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := lockTree(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Table("unit").Where("import_id IN (?)", bun.List(importIDs(imports))).Exec(ctx); err != nil {
			return fmt.Errorf("delete units: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: UnitKind, Action: audit.Delete}, audit.Change{Kind: PersonKind, Action: audit.Update})
	})
}

// removePeople takes the people away that these imports created.
func (s *Store) removePeople(ctx context.Context, imports []intake.Import) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Table("person").Where("import_id IN (?)", bun.List(importIDs(imports))).Exec(ctx); err != nil {
			return fmt.Errorf("delete people: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: PersonKind, Action: audit.Delete})
	})
}
