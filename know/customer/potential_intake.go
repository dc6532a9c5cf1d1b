package customer

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/internal/undo"
	"github.com/kvadrant/kvadrant/know/intake"
	"github.com/kvadrant/kvadrant/know/mapping"
)

// PotentialIntake is how potentials come in from files; base tells the base currency.
func (s *Store) PotentialIntake(base func(ctx context.Context) (string, error)) intake.Kind {
	return intake.Kind{
		Key: "potentials", Label: "Potentials", Synonyms: []string{"potential", "wallet", "potentialer", "Potenziale", "potentieel", "potencjał", "潛力"},
		Fields: []intake.Field{
			{Name: "customer", Label: "Customer", Type: intake.Code, Required: true, Refers: "customers", Help: "The customer's code.",
				Synonyms: []string{"customer code", "customer id", "customer no", "customer number", "customer key", "reseller key", "account no", "kundenr", "kundenummer", "Kundennummer", "Kunden-Nr", "klantnummer", "numer klienta", "客戶編號", "code"}},
			{Name: "amount", Label: "Potential per year", Type: intake.Amount, Required: true, Help: "What the customer could buy in a year from anybody in your category.",
				Synonyms: []string{"potential", "yearly potential", "wallet", "annual sales", "purchase volume", "potentiale", "årligt potentiale", "Potenzial", "Einkaufsvolumen", "potentieel", "potencjał", "潛力", "金額"}},
			{Name: "currency", Label: "Currency", Type: intake.Code, Help: "ISO code; the base currency when left out.", Synonyms: []string{"valuta", "Währung", "waluta", "幣別"}},
			{Name: "source", Label: "Source", Type: intake.Choice, Choices: sources(), Help: "Imported when left out.", Synonyms: []string{"kilde", "Quelle", "bron", "źródło", "來源"}},
			{Name: "valid_from", Label: "Valid from", Type: intake.Date,
				Help:     "Left out: since ever for the first statement about a customer, from today for a changed one.",
				Synonyms: []string{"date", "stated on", "gyldig fra", "dato", "gültig ab", "Datum", "geldig vanaf", "ważne od", "日期"}},
			{Name: "note", Label: "Note", Type: intake.Text, Synonyms: []string{"remark", "comment", "bemærkning", "Bemerkung", "opmerking", "uwagi", "備註"}},
		},
		Load: func(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
			currency, err := base(ctx)
			if err != nil {
				return intake.Counts{}, err
			}
			l := &potentialLoader{store: s, batch: b, base: currency, anonymousAudit: b.Total() > namedAudit}
			return l.load(ctx)
		},
		Remove: s.removePotentials, Records: []undo.Records{potentialRecords()},
	}
}

// potentialLoader is one run of an import of potentials.
type potentialLoader struct {
	store          *Store
	batch          *intake.Batch
	base           string
	counts         intake.Counts
	anonymousAudit bool
}

func (l *potentialLoader) load(ctx context.Context) (intake.Counts, error) {
	_, err := l.batch.RejectWhere(ctx, "customer", fault.Why("potential_twice", "A row further up in the file says something of this customer, source and date already; keep one of them."),
		"row_no IN (SELECT row_no FROM (SELECT row_no, row_number() OVER (PARTITION BY customer, coalesce(source, :imported), valid_from ORDER BY row_no) AS nth"+
			" FROM staged) AS r WHERE nth > 1)", engine.Args{"imported": Imported})
	if err != nil {
		return l.counts, err
	}
	_, err = l.batch.RejectWhere(ctx, "valid_from", fault.Why("potential_undated", "Another row of the file has a date for this customer and source; give this one its date too."),
		"valid_from IS NULL AND row_no IN (SELECT row_no FROM (SELECT row_no, count(valid_from) OVER (PARTITION BY customer, coalesce(source, :imported)) AS dated"+
			" FROM staged) AS r WHERE dated > 0)", engine.Args{"imported": Imported})
	if err != nil {
		return l.counts, err
	}
	err = l.batch.Chunks(ctx, chunkRows, func(rows []intake.Row) error { return l.chunk(ctx, rows) })
	return l.counts, err
}

// potentialChunk is what one transaction of the import knows and will write.
type potentialChunk struct {
	*potentialLoader
	tx        bun.Tx
	customers map[string]id.ID
	known     map[id.ID][]*Potential // of each customer, in the order of their dates
	created   []*Potential
	updated   []*Potential
	changes   []audit.Change
}

func (l *potentialLoader) chunk(ctx context.Context, rows []intake.Row) error {
	return l.store.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		k := &potentialChunk{potentialLoader: l, tx: tx}
		if err := k.read(ctx, rows); err != nil {
			return err
		}
		for _, row := range rows {
			if err := k.take(ctx, row); err != nil {
				return err
			}
		}
		return k.write(ctx)
	})
}

func (k *potentialChunk) read(ctx context.Context, rows []intake.Row) (err error) {
	wanted := make([]string, len(rows))
	for i, row := range rows {
		wanted[i] = tidy(row.Text("customer"))
	}
	if k.customers, err = codes(ctx, k.tx, "customer", wanted); err != nil {
		return err
	}
	k.known = map[id.ID][]*Potential{}
	if len(k.customers) == 0 {
		return nil
	}
	var known []*Potential
	q := k.tx.NewSelect().Model(&known).Where("p.customer_id IN (?)", bun.List(slices.Collect(maps.Values(k.customers)))).Order("p.valid_from", "p.id")
	if k.tx.Dialect().Name() == dialect.PG {
		q.For("UPDATE")
	}
	if err := q.Scan(ctx); err != nil {
		return fmt.Errorf("read potentials: %w", err)
	}
	for _, p := range known {
		p.inUTC()
		k.known[p.CustomerID] = append(k.known[p.CustomerID], p)
	}
	return nil
}

// take brings one row in.
func (k *potentialChunk) take(ctx context.Context, row intake.Row) error {
	customerID := k.customers[tidy(row.Text("customer"))]
	if customerID == "" && k.batch.Trial() && k.batch.Import.Mapping.Unknown["customer"] == mapping.CreateUnknown {
		k.counts.Created++ // of a customer that would be there
		return nil
	}
	if customerID == "" {
		k.batch.Reject(row.No, "customer", fault.Why("unknown_customer", `There is no customer with the code "{code}"; import it first.`, "code", row.Text("customer")))
		return nil
	}
	p := k.statement(ctx, row, customerID)
	there := k.settle(p, row.Date("valid_from"))
	if err := p.Validate(); err != nil {
		k.batch.Refuse(row.No, err)
		return nil
	}
	switch {
	case there == nil || there.ImportID != "" && there.ImportID == p.ImportID: // the latter: made before the import was interrupted
		k.counts.Created++
	case there.says(p):
		k.counts.Unchanged++
	default:
		k.counts.Updated++
	}
	if there == nil || !there.says(p) {
		k.show(row, there, p)
	}
	if there == nil {
		k.created = append(k.created, p)
		return nil
	}
	if there.says(p) {
		return nil
	}
	after := *there
	after.Amount, after.Currency, after.Note, after.Version, after.UpdatedAt = p.Amount, p.Currency, p.Note, there.Version+1, p.UpdatedAt
	k.changes = append(k.changes, audit.Change{Kind: auditPotentialKind, ID: after.ID, Action: audit.Update, Before: there, After: after, ImportID: p.ImportID})
	k.updated = append(k.updated, &after)
	return nil
}

// show tells a trial how a row changes a statement.
func (k *potentialChunk) show(row intake.Row, before, after *Potential) {
	fields := func(p *Potential) map[string]any {
		if p == nil {
			return nil
		}
		return map[string]any{"customer": row.Text("customer"), "amount": float64(money.Fine(p.Amount, p.Currency)) / 10_000, "currency": p.Currency, "source": p.Source,
			"valid_from": p.ValidFrom, "note": p.Note}
	}
	k.batch.Shows(row.No, fields(before), fields(after))
}

// statement reads a row.
func (k *potentialChunk) statement(ctx context.Context, row intake.Row, customerID id.ID) *Potential {
	now := k.store.instant()
	p := &Potential{ID: id.New(), CustomerID: customerID, Currency: row.Text("currency"), Source: row.Text("source"), Note: row.Text("note"),
		ImportID: k.batch.Import.ID, CreatedByName: k.batch.Import.StartedByName, Version: 1, CreatedAt: now, UpdatedAt: now}
	if p.CreatedByName == "" {
		p.CreatedByName = audit.ActorOf(ctx).Name
	}
	if p.Currency == "" {
		p.Currency = k.base
	}
	if p.Source == "" {
		p.Source = Imported
	}
	p.Normalise()
	fine, _ := row.Amount("amount")
	p.Amount = money.Minor(fine, p.Currency)
	return p
}

// settle dates the statement and returns the one that is there of that source and date, if any. A row without a date is
// the latest statement of its source again when it says the same; else it holds from today, or since ever when there is
// none.
func (k *potentialChunk) settle(p *Potential, from date.Date) *Potential {
	var latest, there *Potential
	for _, known := range k.known[p.CustomerID] {
		if known.Source != p.Source {
			continue
		}
		if known.ValidFrom <= k.store.today() {
			latest = known
		}
		if known.ValidFrom == from {
			there = known
		}
	}
	keepNote := func(of *Potential) {
		if of != nil && !k.batch.Has("note") {
			p.Note = of.Note
		}
	}
	p.ValidFrom = from
	switch {
	case from != "":
		keepNote(there)
		return there
	case latest == nil:
		p.ValidFrom = Beginning
		return nil
	}
	keepNote(latest)
	p.ValidFrom = k.store.today()
	if latest.says(p) || latest.ValidFrom == p.ValidFrom {
		p.ValidFrom = latest.ValidFrom
		return latest
	}
	return nil
}

// write stores what is new or changed, and the change log.
func (k *potentialChunk) write(ctx context.Context) error {
	ids := make([]any, len(k.updated))
	for i, p := range k.updated {
		ids[i] = p.ID
	}
	if err := potentialRecords().Table.Keep(ctx, k.tx, k.batch.Import.ID, ids...); err != nil {
		return err
	}
	for _, p := range k.updated {
		if err := writePotential(ctx, k.tx, p, p.Version-1); err != nil {
			return err
		}
	}
	if len(k.created) > 0 {
		if err := db.InsertAll(ctx, k.tx, k.created, nil); err != nil {
			return fmt.Errorf("write potentials: %w", err)
		}
		if k.anonymousAudit {
			k.changes = append(k.changes, audit.Change{Kind: auditPotentialKind, Action: audit.Import, ImportID: k.batch.Import.ID})
		} else {
			for _, p := range k.created {
				k.changes = append(k.changes, audit.Change{Kind: auditPotentialKind, ID: p.ID, Action: audit.Create, After: p, ImportID: p.ImportID})
			}
		}
	}
	return audit.Record(ctx, k.tx, k.changes...)
}

// removePotentials takes back the statements that these imports created.
func (s *Store) removePotentials(ctx context.Context, imports []intake.Import) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Table("potential").Where("import_id IN (?)", bun.List(importIDs(imports))).Exec(ctx); err != nil {
			return fmt.Errorf("delete potentials: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: auditPotentialKind, Action: audit.Delete})
	})
}
