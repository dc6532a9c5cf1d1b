package purchase

import (
	"context"
	"fmt"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/merge"
	"github.com/kvadrant/kvadrant/know/intake"
)

func (l *Loader) budgetImports() intake.Kind {
	return intake.Kind{
		Key: "budgets", Label: "Budgets", Fact: true, Table: "budget", Load: l.loadBudgets,
		Shown: "SELECT fact.row_no, customer.code AS customer, fact.month, cast(fact.revenue AS double) / 10000 AS revenue" +
			" FROM fact LEFT JOIN customer ON customer.id = fact.customer_id",
		Synonyms: []string{"budget", "sales budget", "plan", "quota", "targets", "forecast", "salgsbudget", "budgetter", "absatzplan", "umsatzplan", "planung",
			"begroting", "budgetten", "omzetbudget", "budżet", "budżety", "plan sprzedaży", "預算", "銷售預算", "業績目標"},
		Fields: []intake.Field{
			{Name: "customer", Label: "Customer", Type: intake.Code, Required: true, Refers: "customers",
				Help: "The code of the customer.", Synonyms: customerSynonyms()},
			{Name: "month", Label: "Month", Type: intake.Month, Required: true,
				Help: "The month, such as 2026-11, or any date in it.",
				Synonyms: []string{"period", "budget month", "date", "year month", "fiscal period",
					"måned", "periode", "budgetmåned", "monat", "planmonat", "maand", "budgetmaand", "miesiąc", "okres", "月份", "年月", "期間", "預算月份"}},
			{Name: "revenue", Label: "Revenue", Type: intake.Amount, Required: true,
				Help: "What the customer is expected to buy in the month, without tax.",
				Synonyms: []string{"budget", "budget amount", "amount", "planned revenue", "plan", "target", "quota", "sales budget",
					"budgetteret omsætning", "omsætning", "beløb", "budgetbeløb", "planumsatz", "umsatz", "betrag", "sollumsatz", "plan umsatz",
					"begroot", "begrote omzet", "omzet", "bedrag", "budżet", "plan sprzedaży", "przychód", "kwota", "planowany przychód",
					"預算金額", "金額", "目標金額", "營業額", "預算"}},
			{Name: "currency", Label: "Currency", Type: intake.Code,
				Help:     "The ISO code of the currency. Left out or empty, it is the base currency.",
				Synonyms: currencySynonyms()},
		},
	}
}

// budgets says how budgets are stored and recognised: a customer has one for a month.
func budgets() merge.Table {
	return merge.Table{
		Name:    "budget",
		Columns: []string{"customer_id", "month", "revenue"},
		Key:     "hash(customer_id, month)",
		Same:    "fresh.customer_id = stored.customer_id AND fresh.month = stored.month",
		Order:   "customer_id, month",
	}
}

func (l *Loader) loadBudgets(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
	if _, err := b.RejectWhere(ctx, "revenue", tooMuch(), "abs(revenue) > :max",
		engine.Args{"max": int64(maxAmount)}); err != nil {
		return intake.Counts{}, err
	}
	if _, err := b.RejectWhere(ctx, "customer", fault.Why("no_customer", "There is no customer with this code; import the customers first, or correct the code."),
		"NOT EXISTS (SELECT 1 FROM customer AS known WHERE known.code = staged.customer)", nil); err != nil {
		return intake.Counts{}, err
	}
	toBase, err := l.convert(ctx, b, "month")
	if err != nil {
		return intake.Counts{}, fmt.Errorf("convert currencies: %w", err)
	}
	doubled, err := suspectDoubled(ctx, b, "true", "customer, month")
	if err != nil {
		return intake.Counts{}, err
	}
	if doubled {
		if err := rejectDoubled(ctx, b, "month", "true", "customer, month", func(row string) fault.Reason {
			return fault.Why("month_row", "Data row {row} has the same customer and month; add the two up, or leave one out.", "row", row)
		}); err != nil {
			return intake.Counts{}, err
		}
	}
	source := "SELECT cast(:import_no AS integer) AS import_no, staged.row_no, customer.id AS customer_id, staged.month, " +
		toBase.ofBase("staged.revenue") + " AS revenue FROM staged JOIN customer ON customer.code = staged.customer" + toBase.join
	if doubled {
		source += " WHERE NOT EXISTS (SELECT 1 FROM doubled WHERE doubled.row_no = staged.row_no)"
	}
	counts, err := budgets().Load(ctx, b.Tx, source, engine.Args{"import_no": b.Import.No})
	return intake.Counts{Created: counts.Created, Updated: counts.Updated, Unchanged: counts.Unchanged}, err
}
