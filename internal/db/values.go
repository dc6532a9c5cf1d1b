package db

import "github.com/uptrace/bun"

// Values selects the values of an indexed text column that are not empty, as "value", by going from one to the next in the
// index: a DISTINCT would read the whole of it.
func Values(idb bun.IDB, table, column string) *bun.SelectQuery {
	from, name := bun.Ident(table), bun.Ident(column)
	first := idb.NewSelect().ColumnExpr("min(?) AS value", name).TableExpr("?", from).Where("? > ''", name)
	next := idb.NewSelect().ColumnExpr("(SELECT min(?) FROM ? WHERE ? > h.value)", name, from, name).TableExpr("hop AS h").Where("h.value IS NOT NULL")
	return idb.NewSelect().WithRecursive("hop", first.UnionAll(next)).Table("hop").Column("value").Where("value IS NOT NULL")
}
