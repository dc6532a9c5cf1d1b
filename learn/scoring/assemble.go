package scoring

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/engine"
)

// Ids as they are: the engine's own choice for them, packed bits, costs some 70 ns for each that is read. Where equal ones
// stand together, runs are as quick and take no room. Names as they are, too: each is another, so packing them takes four
// times as long as writing them, and searching them twice as long, to save less than half of their room.
const (
	plainID   = "UUID USING COMPRESSION uncompressed"
	sortedID  = "UUID USING COMPRESSION rle"
	plainText = "VARCHAR USING COMPRESSION uncompressed"
)

// own are the columns that scoring itself gives each row of score, beside the steps'. A list shows names from the
// operational store; these serve filters, sorts and exports of long ago.
func own() []Column {
	return []Column{
		{Name: "code", Type: plainText, Rank: "lower(code)"},
		{Name: "name", Type: plainText, Rank: "lower(name)"},
		{Name: "search", Type: plainText},
		{Name: "industry", Type: Text, Rank: "lower(industry)", Few: true},
		{Name: "country", Type: Text, Rank: "country", Few: true},
		{Name: "unit_id", Type: plainID},
		{Name: "owner_id", Type: plainID},
	}
}

// cut is what the matrix and its like can be filtered by in score_sum.
const cut = "unit_id, owner_id, industry, country"

// layout is the shape of the tables that a set of steps gives, and the statements that fill them.
type layout struct {
	steps   []Step
	columns []Column // of all steps
}

func newLayout(steps []Step) layout {
	l := layout{steps: steps}
	for _, s := range steps {
		l.columns = append(l.columns, s.Columns...)
	}
	return l
}

// in is the layout without the columns to spare that a version does not use, and without the steps that have no other:
// moving a million empty cells takes as long as moving full ones.
func (l layout) in(v Version) (layout, error) {
	var steps []Step
	for _, s := range l.steps {
		s, err := s.used(v.Cuts)
		if err != nil {
			return l, err
		}
		if len(s.Columns) > 0 {
			steps = append(steps, s)
		}
	}
	return newLayout(steps), nil
}

// leadStep is the step that gives the lead.
func (l layout) leadStep() string {
	for _, s := range l.steps {
		for _, c := range s.Columns {
			if c.Name == l.lead() {
				return s.Table()
			}
		}
	}
	return ""
}

// lead is the measure whose falling order is the order of the rows on disk, which makes the usual first page cheapest.
func (l layout) lead() string {
	for _, c := range l.columns {
		if c.Rank != "" {
			return c.Name
		}
	}
	return l.columns[0].Name
}

func (l layout) ranked() []Column {
	return filtered(append(own(), l.columns...), func(c Column) bool { return c.Rank != "" })
}
func (l layout) grouped() []Column {
	return filtered(l.columns, func(c Column) bool { return c.Group })
}
func (l layout) summed() []Column { return filtered(l.columns, func(c Column) bool { return c.Sum }) }
func (l layout) history() []Column {
	return filtered(l.columns, func(c Column) bool { return c.History })
}

func filtered(all []Column, keep func(Column) bool) []Column {
	var some []Column
	for _, c := range all {
		if keep(c) {
			some = append(some, c)
		}
	}
	return some
}

// ownTables are those that every set of steps has. The versions stand last: they are removed last.
func ownTables() []string { return []string{"score", "score_sum", "score_history", "score_version"} }

// keeps are the tables of the steps' own.
func (l layout) keeps() []Keep {
	var all []Keep
	for _, s := range l.steps {
		all = append(all, s.Keeps...)
	}
	return all
}

// tables are all tables that hold rows of a version.
func (l layout) tables() []string {
	var all []string
	for _, k := range l.keeps() {
		all = append(all, k.Name)
	}
	return append(all, ownTables()...)
}

// list joins the columns as pattern says, with the name for %[1]s and the type for %[2]s; each is preceded by ", ".
func list(columns []Column, pattern string) string {
	var b strings.Builder
	for _, c := range columns {
		fmt.Fprintf(&b, ", "+pattern+"%.0[1]s%.0[2]s", c.Name, string(c.Type))
	}
	return b.String()
}

// schema returns the CREATE TABLE texts.
func (l layout) schema() []string {
	all := []string{
		versionTable,
		"-- One row for each customer of a version, in falling order of the first ranked measure: pos, from 1. by_<column> is the place\n" +
			"-- of the row when the version is sorted by the column: unique, from 1, NULL where the column is.\n" +
			"CREATE TABLE score (version BIGINT, pos INTEGER, customer_id " + plainID +
			list(own(), "%[1]s %[2]s") + list(l.columns, "%[1]s %[2]s") + list(l.ranked(), "by_%[1]s INTEGER") + ")",
		"-- The version added up, so that a matrix of everybody need not read every customer.\n" +
			"CREATE TABLE score_sum (version BIGINT, unit_id " + sortedID + ", owner_id " + sortedID + ", industry VARCHAR, country VARCHAR" +
			list(l.grouped(), "%[1]s %[2]s") + ", customers BIGINT" + list(l.summed(), "%[1]s BIGINT") + ")",
		"-- The same rows by customer, so that one customer's way through all versions need not read the others. pos tells where the\n" +
			"-- row stands in score.\n" +
			"CREATE TABLE score_history (version BIGINT, pos INTEGER, customer_id " + plainID + list(l.history(), "%[1]s %[2]s") + ")",
	}
	for _, k := range l.keeps() {
		all = append(all, "CREATE TABLE "+k.Name+" (version BIGINT"+list(k.Columns, "%[1]s %[2]s")+")")
	}
	return all
}

// statement is one piece of a run, with what people read meanwhile.
type statement struct {
	note, sql string
	write     func(*engine.Tx, context.Context, string, engine.Args, ...engine.Hole) (int64, error)
}

// temporary are statements that make the temporary tables from which the version is written.
func temporary(note, sql string) statement { return statement{note, sql, (*engine.Tx).Temp} }

// lasting are statements that write the version itself.
func lasting(note, sql string) statement { return statement{note, sql, (*engine.Tx).Exec} }

// step returns the statement that computes a step.
func (l layout) step(s Step) statement {
	return temporary("Computing "+s.Name, "CREATE TEMP TABLE "+s.Table()+" AS\n"+s.SQL)
}

// finish returns the statements that put the steps together as version :version. The orders are found first, in narrow tables,
// so that the wide rows are joined once and sorted once. What lasts is written last (engine.Warehouse.Write tells why).
func (l layout) finish() []statement {
	all := []statement{temporary("Putting the customers in order", l.place())}
	for _, c := range l.ranked() {
		if c.Name == l.lead() {
			continue // its rank is the order of the rows
		}
		all = append(all, temporary("Sorting by "+c.Name, l.ranking(c)))
	}
	all = append(all, temporary("Gathering the orders", l.ranks()))
	for _, k := range l.keeps() {
		all = append(all, lasting("Keeping "+k.Name, "INSERT INTO "+k.Name+" SELECT :version"+list(k.Columns, "k.%[1]s")+" FROM "+k.table()+" k"))
	}
	return append(all,
		lasting("Writing the version", l.rows()),
		lasting("Writing the sums", "INSERT INTO score_sum SELECT :version, "+cut+list(l.grouped(), "%[1]s")+", count(*)"+
			list(l.summed(), "cast(coalesce(sum(%[1]s), 0) AS BIGINT)")+" FROM score WHERE version = :version GROUP BY "+cut+list(l.grouped(), "%[1]s")+
			" ORDER BY "+cut+list(l.grouped(), "%[1]s")),
		lasting("Writing the history", "INSERT INTO score_history SELECT :version, pos, customer_id"+list(l.history(), "%[1]s")+
			" FROM score WHERE version = :version ORDER BY customer_id"))
}

// place gives every customer its place in the order of the rows.
func (l layout) place() string {
	return fmt.Sprintf(`CREATE TEMP TABLE placed AS
SELECT cast(row_number() OVER (ORDER BY s.%[1]s DESC NULLS LAST, c.id) AS INTEGER) AS pos, c.id AS customer_id, s.%[1]s AS lead
FROM customer c
LEFT JOIN %[2]s s ON s.customer_id = c.id
ORDER BY pos`, l.lead(), l.leadStep())
}

// ownSQL are the columns that scoring itself gives a customer c, owner and unit left out.
const ownSQL = "c.code, c.name, nullif(c.industry, '') AS industry, nullif(c.country, '') AS country"

// rankable is where a column stands, with the place of each customer.
func (l layout) rankable(c Column) string {
	for _, s := range l.steps {
		if slices.ContainsFunc(s.Columns, func(one Column) bool { return one.Name == c.Name }) {
			return "(SELECT placed.pos, s.* FROM " + s.Table() + " s JOIN placed ON placed.customer_id = s.customer_id)"
		}
	}
	return "(SELECT placed.pos, " + ownSQL + " FROM customer c JOIN placed ON placed.customer_id = c.id)"
}

// ranking is the statement that finds the place of each row that has a value. Of few different values only the values
// are sorted as they are and the rows by a number: numbers sort many times faster than texts that are mostly alike.
func (l layout) ranking(c Column) string {
	from, key := l.rankable(c), c.Rank
	if c.Few {
		from = fmt.Sprintf(`(
  SELECT a.pos, a.%[1]s, k.key FROM %[3]s a
  JOIN (SELECT %[1]s, row_number() OVER (ORDER BY %[2]s, %[1]s) AS key FROM (SELECT DISTINCT %[1]s FROM %[3]s e) d) k ON k.%[1]s = a.%[1]s
)`, c.Name, c.Rank, from)
		key = "key"
	}
	return fmt.Sprintf("CREATE TEMP TABLE rank_%[1]s AS SELECT pos, cast(row_number() OVER (ORDER BY %[2]s, %[3]s) AS INTEGER) AS by_%[1]s\nFROM %[4]s r\nWHERE %[1]s IS NOT NULL",
		c.Name, key, c.ties(), from)
}

// ties orders rows of equal rank so that the leading measure falls among them in the direction in which people usually
// read: text from A to Z, figures and dates from high to low.
func (c Column) ties() string {
	if c.Type == Text || c.Type == plainText {
		return "pos"
	}
	return "pos DESC"
}

// ranks gathers the orders in a narrow table, so that the wide rows are joined once.
func (l layout) ranks() string {
	var joins, ranks strings.Builder
	fmt.Fprintf(&ranks, ", CASE WHEN placed.lead IS NOT NULL THEN (SELECT cast(count(lead) AS INTEGER) FROM placed) + 1 - placed.pos END AS by_%s", l.lead())
	for _, c := range l.ranked() {
		if c.Name != l.lead() {
			fmt.Fprintf(&joins, "\nLEFT JOIN rank_%[1]s ON rank_%[1]s.pos = placed.pos", c.Name)
			fmt.Fprintf(&ranks, ", rank_%[1]s.by_%[1]s", c.Name)
		}
	}
	return "CREATE TEMP TABLE ranks AS SELECT placed.pos, placed.customer_id" + ranks.String() + "\nFROM placed" + joins.String() + "\nORDER BY placed.pos"
}

// rows writes the customers with owner and unit in force and with what the steps computed. Owner and unit are those of the
// latest statement on or before the date.
func (l layout) rows() string {
	var measures, joins strings.Builder
	for _, s := range l.steps {
		measures.WriteString(list(s.Columns, s.Table()+".%[1]s"))
		fmt.Fprintf(&joins, "\nLEFT JOIN %[1]s ON %[1]s.customer_id = ranks.customer_id", s.Table())
	}
	columns := "pos, customer_id, code, name, industry, country, search, unit_id, owner_id" + list(l.columns, "%[1]s") + list(l.ranked(), "by_%[1]s")
	return "INSERT INTO score (version, " + columns + `)
WITH latest AS (
  SELECT customer_id, max(valid_from) AS valid_from FROM ownership WHERE valid_from <= :as_of GROUP BY customer_id
), held AS (
  SELECT o.customer_id, o.unit_id, o.owner_id
  FROM ownership o JOIN latest ON latest.customer_id = o.customer_id AND latest.valid_from = o.valid_from
)
SELECT :version, ranks.pos, ranks.customer_id, ` + ownSQL + `, lower(c.code || ' ' || c.name) AS search, held.unit_id, held.owner_id` +
		measures.String() + list(l.ranked(), "ranks.by_%[1]s") + `
FROM ranks
LEFT JOIN customer c ON c.id = ranks.customer_id
LEFT JOIN held ON held.customer_id = ranks.customer_id` + joins.String() + "\nORDER BY ranks.pos"
}
