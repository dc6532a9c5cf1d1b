package quality

import "slices"

// kind is what a kind of import is checked for.
type kind struct {
	key     string
	table   string
	subject string
	fields  []field
	sheets  []sheet
}

// field is a column that is looked at by itself. Its flags missing_, invalid_ and outlier_ stand in the kind's first sheet.
type field struct {
	name     string
	distinct string // the SQL whose different values count
	of       string // flag of the records that should have it; all when empty
	missing  Weight // empty: the field cannot be missing
	invalid  Weight // empty: whatever stands there can be
	value    string // the SQL of the number that has fences; empty: no fences
	which    string // condition on the values that are comparable; all when empty
	money    unit
}

// slicing says how a sheet that adds up lines can be asked for a part of its list, so that a page need not add up all of them.
// Its text has {{slice}} where the part is chosen.
type slicing string

// The ways to slice; no sheet that is quickly asked as a whole needs one.
const (
	unsliced slicing = ""
	byDay    slicing = "p.purchase_date"
	byCode   slicing = "c.code"
)

// unit says in what a field's number counts.
type unit int

const (
	plain unit = iota
	minor      // minor units of the base currency
	fine       // fine units of it
)

// sheet is a question with a flag for each finding.
type sheet struct {
	file     string
	by       slicing
	findings []definition
}

// definition is a finding to look for; its key is the flag.
type definition struct {
	key    string
	weight Weight // empty: only a list, never counted
	of     string // flag of the records it is a part of; all when empty
	place  string // column that the list is ordered by; "place" when empty
}

// Months are judged by their sums, not by a flag of lines.
const (
	gapMonths  = "gap_months"
	jumpMonths = "jump_months"
)

// anyLine lists all lines, for the figures of a month.
const anyLine = "any_line"

func kinds() []kind {
	return []kind{customers(), potentials(), purchases(), budgets(), products(), interactions(), people(), units()}
}

func kindOf(key string) (kind, bool) {
	all := kinds()
	i := slices.IndexFunc(all, func(k kind) bool { return k.key == key })
	if i < 0 {
		return kind{}, false
	}
	return all[i], true
}

// find returns the sheet and the definition of a finding, also of those that its fields imply.
func (k kind) find(key string) (sheet, definition, bool) {
	for i, s := range k.sheets {
		for _, d := range k.definitions(i) {
			if d.key == key {
				return s, d, true
			}
		}
	}
	return sheet{}, definition{}, false
}

// definitions are the findings of a sheet; the first has those of the fields before its own.
func (k kind) definitions(at int) []definition {
	var all []definition
	if at == 0 {
		for _, f := range k.fields {
			if f.missing != "" {
				all = append(all, definition{key: "missing_" + f.name, weight: f.missing, of: f.of})
			}
			if f.invalid != "" {
				all = append(all, definition{key: "invalid_" + f.name, weight: f.invalid, of: f.of})
			}
			if f.value != "" {
				all = append(all, definition{key: "outlier_" + f.name, weight: Hint})
			}
		}
	}
	return append(all, k.sheets[at].findings...)
}

func customers() kind {
	text := func(name string, missing, invalid Weight) field {
		return field{name: name, distinct: "nullif(" + name + ", '')", missing: missing, invalid: invalid}
	}
	industry := text("industry", Notable, "")
	industry.of = "organisation"
	return kind{key: "customers", table: "customer", subject: "customer",
		fields: []field{
			text("name", "", Serious), industry,
			{name: "size_employees", distinct: "size_employees", of: "organisation", missing: Hint, invalid: Notable, value: "size_employees"},
			text("street", Hint, ""), text("postal_code", Hint, Hint), text("city", Hint, Hint), text("country", Notable, Serious),
			text("phone", Hint, Notable), text("email", Hint, Notable), text("website", Hint, Hint),
			{name: "owner", distinct: "owner_id", missing: Notable}, {name: "unit", distinct: "unit_id", missing: Notable},
		},
		sheets: []sheet{
			{file: "customer_fields.sql"},
			{file: "customer_twins.sql", findings: []definition{{key: "same_name", weight: Serious, place: "place_name"},
				{key: "same_email", weight: Notable, place: "place_email"}, {key: "same_phone", weight: Hint, place: "place_phone"}}},
			{file: "customer_trade.sql", by: byCode, findings: []definition{{key: "no_potential", weight: Serious}, {key: "no_purchases", weight: Hint},
				{key: "beyond_potential", weight: Serious, of: "with_potential"}}},
			{file: "customer_returns.sql", by: byCode, findings: []definition{{key: "returned_beyond", weight: Notable}}},
		}}
}

func potentials() kind {
	return kind{key: "potentials", table: "potential", subject: "potential",
		fields: []field{
			{name: "customer", distinct: "customer_id"}, {name: "valid_from", distinct: "valid_from"}, {name: "source", distinct: "source"},
			{name: "amount", distinct: "amount", value: "amount", money: minor},
		},
		sheets: []sheet{{file: "potential_fields.sql", findings: []definition{{key: "stale", weight: Notable, of: "latest"},
			{key: "future_date", weight: Hint}, {key: "zero_amount", weight: Hint}}}}}
}

func purchases() kind {
	return kind{key: "purchases", table: "purchase", subject: "line",
		fields: []field{
			{name: "customer", distinct: "customer_id"}, {name: "date", distinct: "purchase_date", invalid: Serious},
			{name: "document", distinct: "nullif(document, '')", missing: Hint}, {name: "line", distinct: "nullif(line, '')", missing: Hint},
			{name: "product", distinct: "product_id", missing: Notable},
			{name: "quantity", distinct: "quantity", missing: Hint, invalid: Notable, value: "quantity"},
			{name: "revenue", distinct: "revenue", value: "revenue", money: fine},
			{name: "cost", distinct: "cost", missing: Serious, invalid: Notable, value: "cost", money: fine},
			{name: "channel", distinct: "nullif(channel, '')", missing: Hint}, {name: "seller", distinct: "seller_id", missing: Notable},
		},
		sheets: []sheet{
			{file: "line_fields.sql", findings: []definition{{key: "future_date", weight: Serious}, {key: "zero_revenue", weight: Hint}, {key: anyLine}}},
			{file: "line_customers.sql", findings: []definition{{key: "unknown_customer", weight: Serious}}},
			{file: "line_twins.sql", by: byDay, findings: []definition{{key: "repeated", weight: Serious}}},
		}}
}

func budgets() kind {
	return kind{key: "budgets", table: "budget", subject: "budget",
		fields: []field{{name: "customer", distinct: "customer_id"}, {name: "month", distinct: "month"},
			{name: "revenue", distinct: "revenue", invalid: Serious, value: "revenue", money: fine}},
		sheets: []sheet{{file: "budget_fields.sql", findings: []definition{{key: "zero_revenue", weight: Hint}}}}}
}

func products() kind {
	return kind{key: "products", table: "product", subject: "product",
		fields: []field{
			{name: "name", distinct: "nullif(name, '')", invalid: Notable}, {name: "category", distinct: "category_id", missing: Notable},
			{name: "cost", distinct: "cost", missing: Serious, invalid: Notable, value: "cost", which: "currency = ?", money: minor},
		},
		sheets: []sheet{
			{file: "product_fields.sql", findings: []definition{{key: "same_name", weight: Hint, place: "place_name"}}},
			{file: "product_sales.sql", findings: []definition{{key: "never_sold", weight: Hint}}},
		}}
}

func interactions() kind {
	return kind{key: "interactions", table: "interaction", subject: "interaction",
		fields: []field{
			{name: "customer", distinct: "customer_id"}, {name: "date", distinct: "interaction_date", invalid: Serious},
			{name: "kind", distinct: "kind"}, {name: "person", distinct: "person_id", missing: Notable},
			{name: "minutes", distinct: "minutes", missing: Notable, invalid: Notable, value: "minutes"},
			{name: "result", distinct: "nullif(result, '')", missing: Hint}, {name: "note", distinct: "nullif(note, '')", missing: Hint},
		},
		sheets: []sheet{{file: "interaction_fields.sql", findings: []definition{{key: "future_date", weight: Serious}, {key: "repeated", weight: Notable}}}}}
}

func people() kind {
	return kind{key: "people", table: "person", subject: "person",
		fields: []field{{name: "name", distinct: "nullif(name, '')", invalid: Notable}, {name: "unit", distinct: "unit_id", missing: Notable}},
		sheets: []sheet{{file: "person_fields.sql", findings: []definition{{key: "same_name", weight: Hint, place: "place_name"}}}}}
}

func units() kind {
	return kind{key: "units", table: "unit", subject: "unit",
		fields: []field{{name: "name", distinct: "nullif(name, '')", invalid: Notable}},
		sheets: []sheet{{file: "unit_fields.sql", findings: []definition{{key: "several_tops", weight: Hint}, {key: "same_name", weight: Hint, place: "place_name"}}}}}
}
