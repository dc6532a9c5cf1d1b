// Package undo keeps rows as they were before an import changed them, and puts them back.
//
// It works on images of whole rows that the database makes and reads itself, so what is put back is what stood there,
// column by column, whatever the word that owns the table adds to it later. Only the version of a record counts on: a
// form that was opened before must not overwrite it.
package undo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/kvadrant/kvadrant/internal/id"
)

// Table is one table of which rows are kept. All texts are SQL of the program.
type Table struct {
	Name string
	Key  string // the column, or an expression over columns, that tells whose row it is
	Set  bool   // a record has any number of rows here, such as the places of a person; they are kept and put back together
}

// Keep keeps the rows of these records as they are now, for the import that is about to change them. What the import
// kept of a record before stays: a repeated attempt changes nothing. Call it in the transaction of the change.
func (t Table) Keep(ctx context.Context, tx bun.Tx, importID id.ID, keys ...any) error {
	if len(keys) == 0 {
		return nil
	}
	columns, err := t.columns(ctx, tx)
	if err != nil {
		return err
	}
	key := t.key(tx)
	const seq = "(SELECT coalesce(max(seq), 0) FROM change_log)"
	// Both statements look at what was kept before they began.
	fresh := " FROM " + t.Name + " WHERE " + t.Key + " IN (?) AND NOT EXISTS (SELECT 1 FROM import_before AS kept WHERE kept.import_id = ?" +
		" AND kept.place = ? AND kept.record = " + key + " AND kept.n = 0)"
	_, err = tx.ExecContext(ctx, "INSERT INTO import_before (import_id, place, record, n, log_seq, before)"+
		" SELECT ?, ?, "+key+", row_number() OVER (PARTITION BY "+t.Key+"), "+seq+", "+t.image(tx, columns)+fresh,
		importID, t.Name, bun.List(keys), importID, t.Name)
	if err != nil {
		return fmt.Errorf("keep rows of %s: %w", t.Name, err)
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO import_before (import_id, place, record, n, log_seq) SELECT DISTINCT kept.import_id, kept.place, kept.record, 0, kept.log_seq"+
		" FROM import_before AS kept WHERE kept.import_id = ? AND kept.place = ? AND kept.n = 1 AND NOT EXISTS (SELECT 1 FROM import_before AS done"+
		" WHERE done.import_id = kept.import_id AND done.place = kept.place AND done.record = kept.record AND done.n = 0)", importID, t.Name)
	if err != nil {
		return fmt.Errorf("keep rows of %s: %w", t.Name, err)
	}
	return nil
}

// PutBack gives the rows that the import changed the contents that they had before.
func (t Table) PutBack(ctx context.Context, tx bun.Tx, importID id.ID) (int64, error) {
	columns, err := t.columns(ctx, tx)
	if err != nil {
		return 0, err
	}
	if t.Set {
		return t.replace(ctx, tx, importID, columns)
	}
	postgres := tx.Dialect().Name() == dialect.PG
	var sets []string
	for _, c := range columns {
		switch {
		case c == "version":
			sets = append(sets, "version = "+t.Name+".version + 1")
		case c == "no" || c == "id" || strings.Contains(t.Key, "."+c):
		case postgres:
			sets = append(sets, quote(c)+" = was."+quote(c))
		default:
			sets = append(sets, quote(c)+" = json_extract(kept.before, '$."+c+"')")
		}
	}
	from := "import_before AS kept"
	if postgres {
		from += " CROSS JOIN LATERAL jsonb_populate_record(NULL::" + t.Name + ", kept.before) AS was"
	}
	res, err := tx.ExecContext(ctx, "UPDATE "+t.Name+" SET "+strings.Join(sets, ", ")+" FROM "+from+
		" WHERE kept.import_id = ? AND kept.place = ? AND kept.n = 1 AND kept.record = "+t.key(tx), importID, t.Name)
	if err != nil {
		return 0, fmt.Errorf("put rows of %s back: %w", t.Name, err)
	}
	return res.RowsAffected()
}

func (t Table) replace(ctx context.Context, tx bun.Tx, importID id.ID, columns []string) (int64, error) {
	_, err := tx.ExecContext(ctx, "DELETE FROM "+t.Name+" WHERE "+t.key(tx)+" IN (SELECT record FROM import_before WHERE import_id = ? AND place = ? AND n = 0)", importID, t.Name)
	if err != nil {
		return 0, fmt.Errorf("put rows of %s back: %w", t.Name, err)
	}
	names, values, from := make([]string, len(columns)), make([]string, len(columns)), "import_before AS kept"
	for i, c := range columns {
		names[i], values[i] = quote(c), "json_extract(kept.before, '$."+c+"')"
		if tx.Dialect().Name() == dialect.PG {
			values[i] = "was." + quote(c)
		}
	}
	if tx.Dialect().Name() == dialect.PG {
		from += " CROSS JOIN LATERAL jsonb_populate_record(NULL::" + t.Name + ", kept.before) AS was"
	}
	res, err := tx.ExecContext(ctx, "INSERT INTO "+t.Name+" ("+strings.Join(names, ", ")+") SELECT "+strings.Join(values, ", ")+" FROM "+from+
		" WHERE kept.import_id = ? AND kept.place = ? AND kept.n > 0", importID, t.Name)
	if err != nil {
		return 0, fmt.Errorf("put rows of %s back: %w", t.Name, err)
	}
	return res.RowsAffected()
}

// Untouched is the condition that no import but these changed a row: for taking away what they created.
func (t Table) Untouched(q *bun.DeleteQuery, imports []id.ID) *bun.DeleteQuery {
	return q.Where("NOT EXISTS (SELECT 1 FROM import_before AS later WHERE later.place = ? AND later.record = "+t.key(q.DB())+
		" AND later.import_id NOT IN (?))", t.Name, bun.List(imports))
}

// Forget drops what was kept for an import.
func Forget(ctx context.Context, tx bun.Tx, importID id.ID) error {
	if _, err := tx.NewDelete().Table("import_before").Where("import_id = ?", importID).Exec(ctx); err != nil {
		return fmt.Errorf("forget kept rows: %w", err)
	}
	return nil
}

// Touch is somebody who changed records of an import after it: a later import, or a person.
type Touch struct {
	ImportID  id.ID     `bun:"import_id"`
	ActorName string    `bun:"actor_name"`
	RecordID  id.ID     `bun:"record_id"` // one of the records; known for changes by a person
	At        time.Time `bun:"at"`        // the latest such change of the person
	Records   int64     `bun:"records"`
}

// Touched lists who changed since what the import changed or created in a table of records with an id and an import_id.
func (t Table) Touched(ctx context.Context, idb bun.IDB, importID id.ID) ([]Touch, error) {
	key := "cast(made.id AS text)"
	if t.Key != "id" { // such records are changed by imports alone
		key = t.key(idb)
	}
	made := "SELECT record, log_seq FROM import_before WHERE import_id = ? AND place = ? AND n = 0" +
		" UNION ALL SELECT " + strings.ReplaceAll(key, t.Name+".", "made.") + ", 0 FROM " + t.Name + " AS made WHERE made.import_id = ?"
	var all []Touch
	err := idb.NewRaw("SELECT later.import_id, count(DISTINCT later.record) AS records FROM ("+made+") AS ours"+
		" JOIN import_before AS later ON later.place = ? AND later.record = ours.record AND later.n = 0"+
		" JOIN import AS i ON i.id = later.import_id WHERE later.import_id <> ? AND i.no > (SELECT no FROM import WHERE id = ?)"+
		" GROUP BY later.import_id", importID, t.Name, importID, t.Name, importID, importID).Scan(ctx, &all)
	if err != nil {
		return nil, fmt.Errorf("look for later imports of %s: %w", t.Name, err)
	}
	var people []Touch
	err = idb.NewRaw("SELECT log.actor_name, max(cast(log.record_id AS text)) AS record_id, max(log.at) AS at, count(DISTINCT log.record_id) AS records FROM ("+made+") AS ours"+
		" JOIN change_log AS log ON log.kind = ? AND cast(log.record_id AS text) = ours.record AND log.seq > ours.log_seq AND log.import_id IS NULL"+
		" GROUP BY log.actor_name ORDER BY log.actor_name", importID, t.Name, importID, t.Name).Scan(ctx, &people)
	if err != nil {
		return nil, fmt.Errorf("look for later changes of %s: %w", t.Name, err)
	}
	return append(all, people...), nil
}

// columns lists the columns of the table.
func (t Table) columns(ctx context.Context, tx bun.Tx) (names []string, err error) {
	text := "SELECT name FROM pragma_table_info(?)"
	if tx.Dialect().Name() == dialect.PG {
		text = "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position"
	}
	if err := tx.NewRaw(text, t.Name).Scan(ctx, &names); err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", t.Name, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("there is no table %s", t.Name)
	}
	return names, nil
}

// image is the expression for a whole row as JSON.
func (t Table) image(tx bun.Tx, columns []string) string {
	if tx.Dialect().Name() == dialect.PG {
		return "to_jsonb(" + t.Name + ".*)" // a column may be called as its table
	}
	pairs := make([]string, len(columns))
	for i, c := range columns {
		pairs[i] = "'" + c + "', " + quote(c)
	}
	return "json_object(" + strings.Join(pairs, ", ") + ")"
}

// key is the key as text. SQLite keeps keys as text, and would not use an index behind a cast.
func (t Table) key(idb bun.IDB) string {
	key := t.Key
	if !strings.Contains(key, " ") {
		key = t.Name + "." + key
	}
	if idb.Dialect().Name() == dialect.PG {
		return "cast(" + key + " AS text)"
	}
	return key
}

func quote(name string) string { return `"` + name + `"` }
