// Package merge brings facts from a file into a warehouse table so that the same facts again change nothing.
//
// A fact has no key that an index could hold: a line is known by its document where the source has one, and by its
// contents where not. So both sides are hashed on the fly and joined by hash, which keeps the join narrow however wide the
// facts are. What agrees in the hash of its identity and in the hash of everything is unchanged; what agrees in the first
// alone is compared value by value before it counts as altered. The hashes are stored nowhere: they may change with the
// engine's version.
//
// Rows are stored in the order that questions read them, so that the engine's zone maps let a question about one customer
// skip nearly all of the table. An altered fact is deleted and stored anew for the same reason.
package merge

import (
	"context"
	"fmt"
	"strings"

	"github.com/kvadrant/kvadrant/internal/engine"
)

// Table says how facts of one kind are stored. All texts are SQL of the program, never of a user.
type Table struct {
	Name    string   // of the warehouse table; beside Columns it has import_no and row_no
	Columns []string // what a fact says
	Key     string   // expression over Columns: a hash of what identifies a fact, such as "hash(document, line)"
	Same    string   // condition over "fresh" and "stored" rows of equal Key: they are the same fact
	Order   string   // in which facts are stored, such as "customer_id, purchase_date"
}

// Counts is what became of the incoming facts.
type Counts struct{ Created, Updated, Unchanged int64 }

// Load merges the rows of source, a SELECT that yields import_no, row_no and the table's columns and in which no fact
// stands twice. An updated fact carries the import_no and row_no of the import that changed it last; an unchanged one
// keeps its own. Loading into an empty table does nothing but store.
func (t Table) Load(ctx context.Context, tx *engine.Tx, source string, args engine.Args) (Counts, error) {
	empty, err := t.isEmpty(ctx, tx)
	if err != nil {
		return Counts{}, err
	}
	if empty {
		n, err := tx.Exec(ctx, t.insert()+" FROM ("+source+") AS fresh ORDER BY "+t.Order, args)
		if err != nil {
			return Counts{}, fmt.Errorf("store %s: %w", t.Name, err)
		}
		return Counts{Created: n}, nil
	}
	counts, err := t.merge(ctx, tx, source, args)
	if err != nil {
		return Counts{}, fmt.Errorf("merge into %s: %w", t.Name, err)
	}
	return counts, nil
}

func (t Table) isEmpty(ctx context.Context, tx *engine.Tx) (bool, error) {
	rows, err := tx.Query(ctx, "SELECT 1 FROM "+t.Name+" LIMIT 1", nil)
	if err != nil {
		return false, fmt.Errorf("look into %s: %w", t.Name, err)
	}
	defer rows.Close()
	return !rows.Next(), rows.Err()
}

func (t Table) merge(ctx context.Context, tx *engine.Tx, source string, args engine.Args) (Counts, error) {
	whole := "hash(" + strings.Join(t.Columns, ", ") + ")"
	incoming, err := Temp(ctx, tx, "fresh_key", "SELECT row_no, "+t.Key+" AS identity, "+whole+" AS whole FROM ("+source+") AS fresh", args)
	if err != nil {
		return Counts{}, err
	}
	met, err := Temp(ctx, tx, "met", "SELECT fresh_key.row_no, stored.place, fresh_key.whole FROM fresh_key"+
		" JOIN (SELECT rowid AS place, "+t.Key+" AS identity FROM "+t.Name+") AS stored ON stored.identity = fresh_key.identity", nil)
	if err != nil {
		return Counts{}, err
	}
	if met > 0 {
		if err := t.compare(ctx, tx, whole, source, args); err != nil {
			return Counts{}, err
		}
	}
	unchanged, err := count(ctx, tx, "SELECT count(*) FROM met WHERE NOT altered", met > 0)
	if err != nil || unchanged == incoming {
		return Counts{Unchanged: unchanged}, err
	}
	keep := ""
	var updated int64
	if met > 0 {
		// What is replaced can be looked at until the transaction ends.
		if _, err := Temp(ctx, tx, "replaced", "SELECT stored.import_no, met.row_no, stored."+strings.Join(t.Columns, ", stored.")+" FROM "+t.Name+
			" AS stored JOIN met ON stored.rowid = met.place WHERE met.altered ORDER BY met.row_no LIMIT 100", nil); err != nil {
			return Counts{}, err
		}
		keep = " WHERE NOT EXISTS (SELECT 1 FROM met WHERE met.row_no = fresh.row_no AND NOT met.altered)"
		if updated, err = tx.Exec(ctx, "DELETE FROM "+t.Name+" WHERE rowid IN (SELECT place FROM met WHERE altered)", nil); err != nil {
			return Counts{}, err
		}
	}
	written, err := tx.Exec(ctx, t.insert()+" FROM ("+source+") AS fresh"+keep+" ORDER BY "+t.Order, args)
	return Counts{Created: written - updated, Updated: updated, Unchanged: unchanged}, err
}

// compare says of each pair in met whether the fact was altered, and takes out the pairs that are not the same fact.
func (t Table) compare(ctx context.Context, tx *engine.Tx, whole, source string, args engine.Args) error {
	_, err := Temp(ctx, tx, "met", "SELECT met.row_no, met.place, met.whole <> stored.whole AS altered FROM met"+
		" JOIN (SELECT rowid AS place, "+whole+" AS whole FROM "+t.Name+") AS stored ON stored.place = met.place", nil)
	if err != nil {
		return err
	}
	altered, err := Temp(ctx, tx, "differing", "SELECT row_no, place FROM met WHERE altered", nil)
	if err != nil || altered == 0 {
		return err
	}
	same, err := Temp(ctx, tx, "same", "SELECT differing.row_no, differing.place FROM ("+source+") AS fresh"+
		" JOIN differing ON differing.row_no = fresh.row_no"+
		" JOIN (SELECT rowid AS place, "+strings.Join(t.Columns, ", ")+" FROM "+t.Name+") AS stored ON stored.place = differing.place"+
		" WHERE "+t.Same, args)
	if err != nil || same == altered {
		return err
	}
	_, err = tx.Temp(ctx, "DELETE FROM met WHERE altered AND NOT EXISTS"+
		" (SELECT 1 FROM same WHERE same.row_no = met.row_no AND same.place = met.place)", nil)
	return err
}

func (t Table) insert() string {
	columns := "import_no, row_no, " + strings.Join(t.Columns, ", ")
	return "INSERT INTO " + t.Name + " (" + columns + ") SELECT " + columns
}

// Temp makes a temporary table of the rows of a SELECT, in the place of one of that name, and returns how many they are.
func Temp(ctx context.Context, tx *engine.Tx, name, text string, args engine.Args) (int64, error) {
	if _, err := tx.Temp(ctx, "CREATE OR REPLACE TEMP TABLE "+name+" AS "+text, args); err != nil {
		return 0, fmt.Errorf("make the temporary table %s: %w", name, err)
	}
	return count(ctx, tx, "SELECT count(*) FROM "+name, true)
}

// count returns the number that text asks for; 0 without asking unless there is anything to count.
func count(ctx context.Context, tx *engine.Tx, text string, anything bool) (n int64, err error) {
	if !anything {
		return 0, nil
	}
	rows, err := tx.Query(ctx, text, nil)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&n)
	}
	return n, err
}
