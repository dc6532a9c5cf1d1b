package purchase

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/merge"
	"github.com/kvadrant/kvadrant/know/intake"
)

// Loader brings purchase lines, budgets and exchange rates in from files.
type Loader struct {
	rates *Rates
	base  Base
}

// NewLoader returns a loader that converts by these rates into the base currency.
func NewLoader(rates *Rates, base Base) *Loader { return &Loader{rates: rates, base: base} }

// Imports returns the import kinds of this word: rates first, since the others are converted by them.
func (l *Loader) Imports() []intake.Kind {
	return []intake.Kind{l.rateImports(), l.lineImports(), l.budgetImports()}
}

func (l *Loader) lineImports() intake.Kind {
	return intake.Kind{
		Key: "purchases", Label: "Purchases", Fact: true, Table: "purchase", Fields: lineFields(), Load: l.loadLines, Shown: shownLines,
		Synonyms: []string{"purchase", "sales", "sales lines", "invoices", "invoice lines", "orders", "order lines", "transactions", "reseller sales",
			"salg", "salgslinjer", "fakturaer", "fakturalinjer", "ordrelinjer", "omsætning",
			"umsätze", "rechnungen", "rechnungspositionen", "belege", "verkäufe", "aufträge",
			"facturen", "factuurregels", "verkopen", "orderregels", "omzet",
			"sprzedaż", "faktury", "pozycje faktur", "zamówienia", "銷售明細", "銷貨單", "發票明細", "訂單明細"},
	}
}

// shownLines gives purchase lines the names of the fields.
const shownLines = "SELECT fact.row_no, fact.document, fact.line, fact.purchase_date AS date, customer.code AS customer, product.code AS product, fact.quantity," +
	" cast(fact.amount AS double) / 10000 AS revenue, cast(fact.cost AS double) / 10000 AS cost, fact.currency, fact.channel, person.code AS seller" +
	" FROM fact LEFT JOIN customer ON customer.id = fact.customer_id LEFT JOIN product ON product.id = fact.product_id LEFT JOIN person ON person.id = fact.seller_id"

// maxAmount bounds one line, in fine units: 100 billion of the major unit. More is a wrong decimal sign, and one such line
// would drown the sums of all others.
const maxAmount = 1_000_000_000_000_000

func tooMuch() fault.Reason {
	return fault.Why("amount_large", "The amount is beyond 100 billion; check the decimal sign of the file.")
}

// documented holds for lines that their source identifies.
const documented = "document IS NOT NULL AND line IS NOT NULL"

// contents are the columns of staged that identify a line which its source does not.
const contents = "document, line, customer, date, product, quantity, revenue"

// lines says how purchase lines are stored and recognised: by source, document and line where they have these, else by
// their contents and by how often the same contents stood before in the import.
func lines() merge.Table {
	return merge.Table{
		Name: "purchase",
		Columns: []string{"source", "document", "line", "occurrence", "purchase_date", "customer_id", "product_id", "quantity",
			"revenue", "cost", "currency", "amount", "channel", "seller_id"},
		Key: "CASE WHEN " + documented + " THEN hash(source, document, line)" +
			" ELSE hash(source, document, line, customer_id, purchase_date, product_id, quantity, amount, occurrence) END",
		Same: "fresh.source = stored.source AND fresh.document IS NOT DISTINCT FROM stored.document AND fresh.line IS NOT DISTINCT FROM stored.line" +
			" AND (fresh.document IS NOT NULL AND fresh.line IS NOT NULL OR fresh.customer_id = stored.customer_id" +
			" AND fresh.purchase_date = stored.purchase_date AND fresh.product_id IS NOT DISTINCT FROM stored.product_id" +
			" AND fresh.quantity IS NOT DISTINCT FROM stored.quantity AND fresh.amount = stored.amount AND fresh.occurrence = stored.occurrence)",
		Order: "customer_id, purchase_date",
	}
}

// loadLines numbers equal lines, merges what can be a line into the warehouse, and rejects the rest. The common file is
// clean, and looking a reason up costs as much as storing: so rows that cannot be stored are left out while storing, and
// only when some were is it found out which and why.
func (l *Loader) loadLines(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
	b.Progress(0, b.Total(), "Checking")
	for _, amount := range []string{"revenue", "cost"} {
		if _, err := b.RejectWhere(ctx, amount, tooMuch(), "abs("+amount+") > :max", engine.Args{"max": int64(maxAmount)}); err != nil {
			return intake.Counts{}, err
		}
	}
	toBase, err := l.convert(ctx, b, "date")
	if err != nil {
		return intake.Counts{}, fmt.Errorf("convert currencies: %w", err)
	}
	suspects, err := suspectDoubled(ctx, b, documented, "document, line")
	if err != nil {
		return intake.Counts{}, err
	}
	if suspects { // a row that is refused must not be the first of two
		if err := rejectUnknown(ctx, b); err != nil {
			return intake.Counts{}, err
		}
		if err := rejectDoubled(ctx, b, "line", documented, "document, line", func(row string) fault.Reason {
			return fault.Why("line_row", "Data row {row} has the same document and line; give every line of a document a number of its own.", "row", row)
		}); err != nil {
			return intake.Counts{}, err
		}
	}
	equal, err := numberEqual(ctx, b)
	if err != nil {
		return intake.Counts{}, fmt.Errorf("number equal lines: %w", err)
	}
	b.Progress(0, b.Total(), "Storing")
	args := engine.Args{"import_no": b.Import.No, "source": b.Import.Source, "base": toBase.base}
	counts, err := lines().Load(ctx, b.Tx, lineSource(b, toBase, suspects, equal), args)
	if err != nil {
		return intake.Counts{}, err
	}
	if counts.Created+counts.Updated+counts.Unchanged < b.Total() && !suspects {
		err = rejectUnknown(ctx, b)
	}
	return intake.Counts{Created: counts.Created, Updated: counts.Updated, Unchanged: counts.Unchanged}, err
}

// reference is a field of a line that names a record of another word.
type reference struct {
	field, table, id string
	why              fault.Reason
}

func references() []reference {
	return []reference{
		{"customer", "customer", "customer_id", fault.Why("no_customer", "There is no customer with this code; import the customers first, or correct the code.")},
		{"product", "product", "product_id", fault.Why("no_product", "There is no product with this code; import the products first, correct the code, or leave the product out of the mapping.")},
		{"seller", "person", "seller_id", fault.Why("no_person", "There is no person with this code; import the people first, correct the code, or leave the person out of the mapping.")},
	}
}

// lineSource is the SELECT that makes purchase lines of the staged rows that can be one. What a row names must be there. The
// engine knows nothing of rows that were written a moment ago: it takes an inner join with them to leave next to nothing, and
// would then hash ten million lines instead of a few hundred products. So the joins stay outer, and each condition speaks of
// both sides (no row_no is below zero), since one that speaks of the other side alone makes an inner join of it.
func lineSource(b *intake.Batch, toBase conversion, doubled, equal bool) string {
	join := toBase.join
	columns := []string{"cast(:import_no AS integer) AS import_no", "staged.row_no", "cast(:source AS varchar) AS source",
		"staged.document", "staged.line", "staged.date AS purchase_date", "staged.quantity", toBase.ofBase("staged.revenue") + " AS revenue", toBase.ofBase("staged.cost") + " AS cost",
		toBase.currency() + " AS currency", "staged.revenue AS amount", "staged.channel"}
	var where []string
	for _, r := range references() {
		if !b.Has(r.field) {
			columns = append(columns, "cast(NULL AS uuid) AS "+r.id)
			continue
		}
		columns = append(columns, r.table+".id AS "+r.id)
		join += " LEFT JOIN " + r.table + " ON " + r.table + ".code = staged." + r.field
		where = append(where, "("+r.table+".id IS NULL AND staged."+r.field+" IS NOT NULL) = (staged.row_no < 0)")
	}
	occurrence := "1"
	if equal {
		occurrence = "coalesce(equal.occurrence, 1)"
		join += " LEFT JOIN equal ON equal.row_no = staged.row_no"
	}
	columns = append(columns, "cast("+occurrence+" AS integer) AS occurrence")
	if doubled {
		where = append(where, "NOT EXISTS (SELECT 1 FROM doubled WHERE doubled.row_no = staged.row_no)")
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM staged" + join + " WHERE " + strings.Join(where, " AND ")
}

// rejectUnknown refuses the staged rows that lineSource leaves out because they name what is not there.
func rejectUnknown(ctx context.Context, b *intake.Batch) error {
	for _, r := range references() {
		if !b.Has(r.field) {
			continue
		}
		unknown := r.field + " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM " + r.table + " AS known WHERE known.code = staged." + r.field + ")"
		if _, err := b.RejectWhere(ctx, r.field, r.why, unknown, nil); err != nil {
			return err
		}
	}
	return nil
}

// suspectDoubled finds the hashes that several rows have in the columns of key, in the temporary table suspect; it tells
// whether there are any. Only rows for which condition holds are looked at.
func suspectDoubled(ctx context.Context, b *intake.Batch, condition, key string) (bool, error) {
	n, err := merge.Temp(ctx, b.Tx, "suspect", "SELECT hash("+key+") AS key FROM staged WHERE "+condition+
		" GROUP BY hash("+key+") HAVING count(*) > 1", nil)
	if err != nil {
		return false, fmt.Errorf("look for doubled rows: %w", err)
	}
	return n > 0, nil
}

// rejectDoubled refuses the second and later of the suspects that agree in the columns of key, naming the first by why. They stand in the temporary table doubled then.
func rejectDoubled(ctx context.Context, b *intake.Batch, field, condition, key string, why func(row string) fault.Reason) error {
	_, err := merge.Temp(ctx, b.Tx, "doubled", "SELECT row_no, first_no FROM ("+
		"SELECT row_no, min(row_no) OVER (PARTITION BY "+key+") AS first_no FROM staged WHERE "+condition+
		" AND hash("+key+") IN (SELECT key FROM suspect)) AS same WHERE row_no > first_no", nil)
	if err != nil {
		return fmt.Errorf("look for doubled rows: %w", err)
	}
	return eachRow(ctx, b.Tx, "SELECT row_no, first_no FROM doubled ORDER BY row_no", func(rows *sql.Rows) error {
		var row, first int64
		if err := rows.Scan(&row, &first); err != nil {
			return err
		}
		b.Reject(row, field, why(strconv.FormatInt(first+1, 10)))
		return nil
	})
}

// numberEqual counts lines that their source does not identify and whose contents are equal, in the temporary table equal;
// it tells whether there are any. Most lines are unlike all others and are not in it.
func numberEqual(ctx context.Context, b *intake.Batch) (bool, error) {
	suspects, err := suspectDoubled(ctx, b, "NOT ("+documented+")", contents)
	if err != nil || !suspects {
		return false, err
	}
	_, err = merge.Temp(ctx, b.Tx, "equal", "SELECT row_no, row_number() OVER (PARTITION BY "+contents+
		" ORDER BY row_no) AS occurrence FROM staged WHERE NOT ("+documented+") AND hash("+contents+") IN (SELECT key FROM suspect)", nil)
	return err == nil, err
}
