package customer

import (
	"cmp"
	"context"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/country"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/undo"
	"github.com/kvadrant/kvadrant/know/intake"
	"github.com/kvadrant/kvadrant/know/load"
)

// Sizes of the steps of an import: rows per transaction (more are faster, but others wait for each), and up to how many
// created records each stand in the change log by name; a larger import stands there as one entry per transaction, and its
// kept file tells the rest; and how many records are removed at once.
const (
	chunkRows  = 10_000
	namedAudit = 5_000
	removeRows = 1_000
	bulkRows   = 50_000 // from this many rows on, into a store that has fewer, the indexes rest meanwhile
)

// loader is one run of an import of customers.
//
// A group may stand further down in the file than its members, so rows whose group is not there yet wait, and the file is
// walked again for them until none of them gets any further.
type loader struct {
	store          *Store
	batch          *intake.Batch
	people, units  map[string]id.ID
	waiting        []waiting
	counts         intake.Counts
	anonymousAudit bool
	tried          map[string]bool // codes that earlier steps of a trial created, which later ones do not see
}

// waiting is a row whose group is not there, or is at present below the customer itself.
type waiting struct {
	row    int64
	group  string
	circle bool
}

func (s *Store) load(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
	l := &loader{store: s, batch: b, anonymousAudit: b.Total() > namedAudit, tried: map[string]bool{}}
	_, err := b.RejectWhere(ctx, "code", fault.Why("code_twice", "This code stands further up in the file already; keep one of the rows."),
		"row_no IN (SELECT row_no FROM (SELECT row_no, row_number() OVER (PARTITION BY code ORDER BY row_no) AS nth FROM staged) AS r WHERE nth > 1)", nil)
	if err != nil {
		return l.counts, err
	}
	if l.people, err = codes(ctx, s.db.Read(), "person", nil); err != nil {
		return l.counts, err
	}
	if l.units, err = codes(ctx, s.db.Read(), "unit", nil); err != nil {
		return l.counts, err
	}
	if err := l.chunks(ctx); err != nil {
		return l.counts, err
	}
	for before := -1; len(l.waiting) > 0 && len(l.waiting) != before; {
		before = len(l.waiting)
		if err := l.again(ctx); err != nil {
			return l.counts, err
		}
	}
	for _, w := range l.waiting {
		why := fault.Why("group_unknown", `There is no customer with the code "{code}" to be the group, or it was rejected itself; correct it or leave the group out.`, "code", w.group)
		if w.circle {
			why = fault.Why("group_circle", `The group "{code}" belongs to this customer, directly or by others; a group cannot contain itself.`, "code", w.group)
		}
		b.Reject(w.row, "parent", why)
	}
	return l.counts, nil
}

// chunks walks all rows; the indexes rest where most of what will be stored comes now.
func (l *loader) chunks(ctx context.Context) error {
	walk := func(ctx context.Context) error {
		return load.Piped(ctx, l.batch, chunkRows, l.prepare, l.chunk)
	}
	stored, err := l.store.db.Read().NewSelect().Table("customer").Count(ctx)
	if err != nil {
		return fmt.Errorf("count the customers: %w", err)
	}
	if l.batch.Total() < max(bulkRows, int64(stored)) {
		return walk(ctx)
	}
	return l.store.db.Bulk(ctx, []string{"customer", "ownership"}, walk)
}

// again walks the rows that wait.
func (l *loader) again(ctx context.Context) error {
	turn := make(map[int64]bool, len(l.waiting))
	for _, w := range l.waiting {
		turn[w.row] = true
	}
	l.waiting = nil
	mine := func(row intake.Row) (candidate, bool) {
		if !turn[row.No] {
			return candidate{}, false
		}
		return l.prepare(row)
	}
	return load.Piped(ctx, l.batch, chunkRows, mine, l.chunk)
}

// codes returns the ids of the records of a table by their codes; nil means all.
func codes(ctx context.Context, idb bun.IDB, table string, codes []string) (map[string]id.ID, error) {
	var rows []struct {
		ID   id.ID  `bun:"id"`
		Code string `bun:"code"`
	}
	q := idb.NewSelect().Table(table).Column("id", "code")
	if codes != nil {
		if len(codes) == 0 {
			return nil, nil
		}
		q.Where("code IN (?)", bun.List(codes))
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("read the codes of %s: %w", table, err)
	}
	byCode := make(map[string]id.ID, len(rows))
	for _, r := range rows {
		byCode[r.Code] = r.ID
	}
	return byCode, nil
}

// chunk is what one transaction of the import knows and will write.
type chunk struct {
	*loader
	tx      bun.Tx
	known   map[string]*Customer // by code: those of the rows and their groups
	held    map[id.ID]history
	created []*Customer
	groups  map[id.ID]id.ID // of those that are not written yet
	owned   []Ownership
	updated []*Customer
	changes []audit.Change
}

// candidate is a row, and the customer that it makes where none has its code.
type candidate struct {
	row         intake.Row
	code, group string
	fresh       Customer
	invalid     error  // of the fresh one
	fault       string // the field at fault, where the row cannot be taken
	why         fault.Reason
}

func (l *loader) prepare(row intake.Row) (candidate, bool) {
	c := candidate{row: row, code: tidy(row.Text("code")), group: tidy(row.Text("parent"))}
	if c.fault, c.why = l.unacceptable(c); c.fault == "" {
		c.fresh.Code = c.code
		l.fill(&c.fresh, row)
		c.invalid = c.fresh.Validate()
	}
	return c, true
}

func (l *loader) chunk(ctx context.Context, rows []candidate) error {
	good, wanted := make([]candidate, 0, len(rows)), make([]string, 0, 2*len(rows))
	for _, c := range rows {
		if c.fault != "" {
			l.batch.Reject(c.row.No, c.fault, c.why)
			continue
		}
		good = append(good, c)
		wanted = append(wanted, c.code)
		if c.group != "" {
			wanted = append(wanted, c.group)
		}
	}
	if len(good) == 0 {
		return nil
	}
	return l.store.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		k := &chunk{loader: l, tx: tx, groups: map[id.ID]id.ID{}}
		if err := k.read(ctx, wanted); err != nil {
			return err
		}
		for _, c := range good {
			if err := k.take(ctx, c); err != nil {
				return err
			}
		}
		return k.write(ctx)
	})
}

// unacceptable finds the field of a row that points to something unknown or says what cannot be.
func (l *loader) unacceptable(c candidate) (field string, why fault.Reason) {
	named := c.row.Text("country")
	if _, ok := country.Code(named); named != "" && !ok {
		return "country", noCountry(named)
	}
	if code := c.row.Text("owner"); code != "" && l.people[code] == "" {
		return "owner", fault.Why("unknown_person", `There is no person with the code "{code}"; import it first.`, "code", code)
	}
	if code := c.row.Text("unit"); code != "" && l.units[code] == "" {
		return "unit", fault.Why("unknown_unit", `There is no unit with the code "{code}"; import it first.`, "code", code)
	}
	if c.group == c.code {
		return "parent", ownGroup()
	}
	if from := c.row.Date("valid_from"); from != "" && (from > l.store.today() || from < Beginning) {
		return "valid_from", fault.Why("ownership_day", "{day} is no day from which owner and unit can hold; use one from {first} until today.", "day", string(from), "first", string(Beginning))
	}
	return "", why
}

// read loads the customers with these codes, and locks them where others could write meanwhile.
func (k *chunk) read(ctx context.Context, codes []string) error {
	if k.batch.Has("parent") {
		if err := lockGroups(ctx, k.tx); err != nil {
			return err
		}
	}
	var rows []*Customer
	q := k.tx.NewSelect().Model(&rows).Where("c.code IN (?)", bun.List(codes))
	if k.tx.Dialect().Name() == dialect.PG {
		q.OrderExpr("c.no").For("UPDATE")
	}
	if err := q.Scan(ctx); err != nil {
		return fmt.Errorf("read customers by code: %w", err)
	}
	k.known = make(map[string]*Customer, len(codes))
	var ids []id.ID
	for _, c := range rows {
		c.inUTC()
		k.known[c.Code] = c
		ids = append(ids, c.ID)
	}
	if !k.batch.Has("owner") && !k.batch.Has("unit") {
		return nil
	}
	var err error
	k.held, err = histories(ctx, k.tx, ids)
	return err
}

// take brings one row in.
func (k *chunk) take(ctx context.Context, from candidate) error {
	row, c, invalid := from.row, from.fresh, from.invalid
	before, known := k.known[from.code]
	if known {
		c = *before
		k.fill(&c, row)
		invalid = c.Validate()
	} else {
		c.ID, c.ImportID, c.Version, c.CreatedAt = id.New(), k.batch.Import.ID, 1, k.store.instant()
		c.UpdatedAt = c.CreatedAt
	}
	if ok, err := k.join(ctx, &c, from, known); err != nil || !ok {
		return err
	}
	if invalid != nil {
		k.batch.Refuse(row.No, invalid)
		return nil
	}
	o, moved := k.ownership(&c, row, known)
	if moved {
		k.owned = append(k.owned, o)
	}
	changed := !known || moved || !c.same(before) || k.tried[from.group]
	switch {
	case c.ImportID != "" && c.ImportID == k.batch.Import.ID: // new, or made by this import before it was interrupted
		k.counts.Created++
	case changed:
		k.counts.Updated++
	default:
		k.counts.Unchanged++
	}
	if !changed {
		return nil
	}
	k.show(row.No, before, &c, known)
	k.known[c.Code], k.groups[c.ID] = &c, c.ParentID
	if known {
		k.update(before, &c, o, moved)
	} else {
		k.created = append(k.created, &c)
	}
	return nil
}

func (k *chunk) update(before, c *Customer, o Ownership, moved bool) {
	change := audit.Change{Kind: auditKind, ID: c.ID, Action: audit.Update, Before: before, After: c, ImportID: k.batch.Import.ID}
	if moved && c.same(before) { // only the past is another
		change.Before, change.After = nil, o
	}
	c.Version, c.UpdatedAt = before.Version+1, k.store.instant()
	k.changes = append(k.changes, change)
	k.updated = append(k.updated, c)
}

// writeUpdated writes what was there already, after it was kept as it was.
func (k *chunk) writeUpdated(ctx context.Context) error {
	ids := make([]any, len(k.updated))
	for i, c := range k.updated {
		ids[i] = c.ID
	}
	for _, t := range []undo.Table{records().Table, records().Sets[0]} {
		if err := t.Keep(ctx, k.tx, k.batch.Import.ID, ids...); err != nil {
			return err
		}
	}
	for _, c := range k.updated {
		if err := write(ctx, k.tx, c, c.Version-1); err != nil {
			return err
		}
	}
	return nil
}

// fill takes over what the file says; a field that is not mapped stays, a mapped one that is empty becomes empty.
func (l *loader) fill(c *Customer, row intake.Row) {
	for _, f := range []struct {
		field string
		to    *string
	}{{"name", &c.Name}, {"kind", &c.Kind}, {"industry", &c.Industry}, {"street", &c.Street}, {"postal_code", &c.PostalCode}, {"city", &c.City},
		{"phone", &c.Phone}, {"email", &c.Email}, {"website", &c.Website}, {"lifecycle", &c.Lifecycle}} {
		if l.batch.Has(f.field) {
			*f.to = row.Text(f.field)
		}
	}
	if l.batch.Has("country") {
		c.Country, _ = country.Code(row.Text("country"))
	}
	if l.batch.Has("size_employees") {
		c.SizeEmployees = nil
		if n, ok := row.Integer("size_employees"); ok {
			c.SizeEmployees = &n
		}
	}
	if l.batch.Has("owner") {
		c.OwnerID = l.people[row.Text("owner")]
	}
	if l.batch.Has("unit") {
		c.UnitID = l.units[row.Text("unit")]
	}
	c.Normalise()
}

// join puts the customer into the group that the row names; false when it has to wait for it.
func (k *chunk) join(ctx context.Context, c *Customer, from candidate, known bool) (ok bool, err error) {
	if !k.batch.Has("parent") {
		return true, nil
	}
	if from.group == "" {
		c.ParentID = ""
		return true, nil
	}
	group := k.known[from.group]
	if group == nil && k.tried[from.group] {
		return true, nil
	}
	if group == nil {
		k.waiting = append(k.waiting, waiting{row: from.row.No, group: from.group})
		return false, nil
	}
	if known && group.ID != c.ParentID {
		circle, err := k.above(ctx, c.ID, group.ID)
		if err != nil {
			return false, err
		}
		if circle {
			k.waiting = append(k.waiting, waiting{row: from.row.No, group: from.group, circle: true})
			return false, nil
		}
	}
	c.ParentID = group.ID
	return true, nil
}

// above is isAbove that also knows the customers that are not written yet.
func (k *chunk) above(ctx context.Context, customerID, below id.ID) (bool, error) {
	for {
		up, unwritten := k.groups[below]
		if !unwritten {
			return isAbove(ctx, k.tx, customerID, below)
		}
		if up == "" {
			return false, nil
		}
		below = up
	}
}

// ownership returns what the row says of the customer's owner and unit, and whether that is new; it gives the customer
// those of today.
func (k *chunk) ownership(c *Customer, row intake.Row, known bool) (Ownership, bool) {
	from := row.Date("valid_from")
	if !known {
		return Ownership{CustomerID: c.ID, ValidFrom: cmp.Or(from, Beginning), OwnerID: c.OwnerID, UnitID: c.UnitID}, true
	}
	if !k.batch.Has("owner") && !k.batch.Has("unit") {
		return Ownership{}, false
	}
	held := k.held[c.ID]
	o := held.on(cmp.Or(from, k.store.today()))
	o.CustomerID, o.ValidFrom = c.ID, cmp.Or(from, k.store.today())
	if k.batch.Has("owner") {
		o.OwnerID = c.OwnerID
	}
	if k.batch.Has("unit") {
		o.UnitID = c.UnitID
	}
	after, differs := held.with(o)
	c.OwnerID, c.UnitID = after.last().OwnerID, after.last().UnitID
	return o, differs
}

// write stores what is new and the change log.
func (k *chunk) write(ctx context.Context) error {
	if len(k.created) > 0 {
		if err := db.InsertAll(ctx, k.tx, k.created, nil); err != nil {
			return err
		}
		if k.anonymousAudit {
			k.changes = append(k.changes, audit.Change{Kind: auditKind, Action: audit.Import, ImportID: k.batch.Import.ID})
		} else {
			for _, c := range k.created {
				k.changes = append(k.changes, audit.Change{Kind: auditKind, ID: c.ID, Action: audit.Create, After: c, ImportID: k.batch.Import.ID})
			}
		}
	}
	if k.batch.Trial() && k.batch.Has("parent") {
		for _, c := range k.created {
			k.tried[c.Code] = true
		}
	}
	if err := k.writeUpdated(ctx); err != nil {
		return err
	}
	if err := putOwnerships(ctx, k.tx, k.owned...); err != nil {
		return err
	}
	return audit.Record(ctx, k.tx, k.changes...)
}

// remove deletes the customers that these imports created, with their potentials and history, in steps that leave others
// room to write.
func (s *Store) remove(ctx context.Context, imports []intake.Import) error {
	for {
		var gone []id.ID
		err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			err := tx.NewSelect().Table("customer").Column("id").Where("import_id IN (?)", bun.List(importIDs(imports))).Limit(removeRows).Scan(ctx, &gone)
			if err != nil || len(gone) == 0 {
				return err
			}
			if _, err := tx.NewUpdate().Table("customer").Set("parent_id = NULL").Where("parent_id IN (?)", bun.List(gone)).Exec(ctx); err != nil {
				return fmt.Errorf("take customers out of their groups: %w", err)
			}
			if _, err := tx.NewDelete().Table("customer").Where("id IN (?)", bun.List(gone)).Exec(ctx); err != nil {
				return err
			}
			return audit.Record(ctx, tx, audit.Change{Kind: auditKind, Action: audit.Delete}, audit.Change{Kind: auditPotentialKind, Action: audit.Delete})
		})
		if err != nil {
			return fmt.Errorf("delete customers: %w", err)
		}
		if len(gone) < removeRows {
			return nil
		}
	}
}

func importIDs(imports []intake.Import) []id.ID {
	ids := make([]id.ID, len(imports))
	for i, imp := range imports {
		ids[i] = imp.ID
	}
	return ids
}
