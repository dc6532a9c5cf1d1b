package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/intake"
	"github.com/kvadrant/kvadrant/know/mapping"
)

// TestPublicFilesAreRecognised holds what the program makes of files that nobody made for it, with nothing said but what
// the rows are where that is no use to guess.
func TestPublicFilesAreRecognised(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tests := []struct{ file, kind, dialect, want string }{
		{"cdnow/CDNOW_master.txt.gz", "", "spaces 1 . yyyymmdd", "purchases: customer=customer_id date=date quantity=number_of_cds revenue=dollar_value"},
		{"cdnow/CDNOW_sample.txt", "", "spaces 0 . yyyymmdd", "purchases: customer=Column 1 date=Column 3 quantity=Column 4 revenue=Column 5"},
		{"grocery/groceryElog.csv", "purchases", ", 1 . yyyy-mm-dd", "purchases: customer=cust date=date"},
		{"hillstrom/hillstrom.csv.gz", "customers", ", 1 . yyyy-mm-dd", "customers: industry=segment postal_code=zip_code"},
		{"telco_churn/Telco-Customer-Churn.csv.gz", "", ", 1 . yyyy-mm-dd", "customers: code=customerID name=customerID"},
		{"adventureworks/DimReseller.csv.gz", "", ", 1 . yyyy-mm-dd", "customers: code=ResellerKey industry=BusinessType name=ResellerName phone=Phone size_employees=NumberEmployees street=AddressLine1"},
		{"adventureworks/FactInternetSales.csv.gz", "", ", 1 . yyyy-mm-dd", "purchases: cost=TotalProductCost customer=CustomerKey date=OrderDate document=SalesOrderNumber line=SalesOrderLineNumber product=ProductKey quantity=OrderQuantity revenue=SalesAmount"},
		{"adventureworks/DimCustomer.csv.gz", "", ", 1 . yyyy-mm-dd", "customers: code=CustomerKey email=EmailAddress name=FirstName+LastName phone=Phone street=AddressLine1"},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			in, err := os.Open(testkit.PublishedPath(t, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			f, err := h.app.intake.Upload(t.Context(), filepath.Base(tt.file), in)
			if err != nil {
				t.Fatal(err)
			}
			var p intake.Preview
			h.admin.must(http.MethodPost, "/imports/preview", intake.PreviewRequest{FileID: f.ID, Kind: tt.kind}, http.StatusOK, &p)
			var got []string
			for field, v := range p.Mapping.Columns {
				from := v.Column
				for _, part := range v.Join {
					from = strings.TrimPrefix(from+"+"+part.Column, "+")
				}
				got = append(got, field+"="+from)
			}
			slices.Sort(got)
			if text := p.Kind + ": " + strings.Join(got, " "); text != tt.want {
				t.Errorf("proposed %s, want %s", text, tt.want)
			}
			if text := fmt.Sprintf("%s %d %s %s", p.Dialect.Delimiter, *p.Dialect.HeaderRows, p.Dialect.Decimal, p.Dialect.DateFormat); text != tt.dialect {
				t.Errorf("recognised %q, want %q", text, tt.dialect)
			}
		})
	}
}

// TestPublicFilesAreImported imports logs and lists with the mappings of examples/public and without any program: the
// customers of a log come from the log itself.
func TestPublicFilesAreImported(t *testing.T) {
	t.Parallel()
	tests := []struct {
		file  string
		steps []string // kind, mapping, and what came of it
	}{
		{"cdnow/CDNOW_master.txt.gz", []string{"customers cdnow_customers 23570 0 46089", "purchases cdnow_purchases 69659 0 0"}},
		{"grocery/groceryElog.csv", []string{"customers grocery_customers 1525 0 8958", "purchases grocery_purchases 10483 0 0"}},
		{"hillstrom/hillstrom.csv.gz", []string{"customers hillstrom_customers 64000 0 0"}},
		{"telco_churn/Telco-Customer-Churn.csv.gz", []string{"customers telco_customers 7043 0 0"}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			path := testkit.PublishedPath(t, tt.file)
			var out bytes.Buffer
			cfg := Config{Data: t.TempDir(), Out: &out, Log: quiet()}
			if err := SetCompany(t.Context(), cfg, "Public", "USD"); err != nil {
				t.Fatal(err)
			}
			for _, step := range tt.steps {
				var kind, name string
				var created, unchanged, rejected int64
				if _, err := fmt.Sscan(step, &kind, &name, &created, &unchanged, &rejected); err != nil {
					t.Fatal(err)
				}
				out.Reset()
				what := Importing{Kind: kind, Mapping: filepath.Join("..", "examples", "public", name+".yaml"), Files: []string{path}, JSON: true}
				if err := Import(context.Background(), cfg, what); err != nil && !(rejected > 0 && errors.Is(err, ErrRejected)) {
					t.Fatalf("%s: %v", name, err)
				}
				var done imported
				if err := json.Unmarshal(out.Bytes(), &done); err != nil {
					t.Fatal(err)
				}
				if done.Created != created || done.Unchanged != unchanged || done.Rejected != rejected {
					t.Errorf("%s: %s", name, out.String())
				}
			}
		})
	}
}

// TestPublicFilesByTheirProposals imports what the program proposes for public files, as the browser does, with nothing but the
// corrections that a person would make who has never seen a mapping.
func TestPublicFilesByTheirProposals(t *testing.T) {
	t.Parallel()
	unknown := func(m *mapping.Mapping) { m.Unknown = map[string]string{"customer": mapping.CreateUnknown} }
	constant := func(field, value string) func(*mapping.Mapping) {
		return func(m *mapping.Mapping) { m.Columns[field] = mapping.Value{Constant: value} }
	}
	without := func(field string) func(*mapping.Mapping) {
		return func(m *mapping.Mapping) { delete(m.Columns, field) }
	}
	row := func(field, prefix string) func(*mapping.Mapping) {
		return func(m *mapping.Mapping) {
			m.Columns[field] = mapping.Value{Join: []mapping.Value{{Constant: prefix}, {Row: true}}}
		}
	}
	type step struct {
		file, kind string
		correct    []func(*mapping.Mapping)
		read       int64
		rejected   int64
	}
	for name, steps := range map[string][]step{
		"CDNOW":     {{"cdnow/CDNOW_master.txt.gz", "purchases", []func(*mapping.Mapping){unknown}, 69659, 0}},
		"grocery":   {{"grocery/groceryElog.csv", "purchases", []func(*mapping.Mapping){constant("revenue", "1"), unknown}, 10483, 0}},
		"Hillstrom": {{"hillstrom/hillstrom.csv.gz", "customers", []func(*mapping.Mapping){row("code", "H"), row("name", "Customer")}, 64000, 0}},
		"Telco":     {{"telco_churn/Telco-Customer-Churn.csv.gz", "customers", nil, 7043, 0}},
		"bicycle maker": {
			{"adventureworks/DimProduct.csv.gz", "products", nil, 606, 0},
			{"adventureworks/DimReseller.csv.gz", "customers", nil, 701, 0},
			{"adventureworks/FactResellerSales.csv.gz", "purchases", []func(*mapping.Mapping){without("seller")}, 60855, 0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := found(t, Config{})
			for _, s := range steps {
				in, err := os.Open(testkit.PublishedPath(t, s.file))
				if err != nil {
					t.Fatal(err)
				}
				defer in.Close()
				f, err := h.app.intake.Upload(t.Context(), filepath.Base(s.file), in)
				if err != nil {
					t.Fatal(err)
				}
				var p intake.Preview
				h.admin.must(http.MethodPost, "/imports/preview", intake.PreviewRequest{FileID: f.ID, Kind: s.kind}, http.StatusOK, &p)
				for _, correct := range s.correct {
					correct(&p.Mapping)
				}
				done := h.admin.importKept(s.kind, f.ID, p.Mapping)
				if done.Read != s.read || done.Created+done.Unchanged != s.read-s.rejected || done.Rejected != s.rejected {
					why := h.admin.must(http.MethodGet, "/imports/"+string(done.ID)+"/rejects?limit=2", nil, http.StatusOK, nil)
					t.Errorf("%s: %+v by %+v: %s", s.file, done, p.Mapping, why.body)
				}
			}
		})
	}
}

// TestExportsOfOtherSystems: the shapes in which other systems and people hand tables over are recognised as they are, and what
// is no row of the table is told as such.
func TestExportsOfOtherSystems(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	h.town()
	h.admin.bring("rates", "currency,valid_from,rate\nEUR,2020-01-01,7.5\n")
	const rows = 36
	months := strings.Fields("Januar Februar März April Mai Juni Juli August September Oktober November Dezember")
	table := func(above string, row func(i int) string, below string) string {
		text := strings.Builder{}
		text.WriteString(above)
		for i := range rows {
			text.WriteString(row(i) + "\r\n")
		}
		return text.String() + below
	}
	customer := func(i int) string { return fmt.Sprintf("C%02d", i%20) }
	sign := func(i int) string { return []string{"", "-"}[i%9/8] }
	for name, tt := range map[string]struct {
		kind, text, columns string
		rejected            int64
	}{
		"a list of an ERP: minus behind the amount, a delimiter behind the row": {"purchases",
			table("Liste der Fakturen\r\n\r\nBuchungskreis: 1000\r\n\r\nFakt.Nr|Pos|Fkt.Dat.|Debitor|Nettowert|Währg\r\n", func(i int) string {
				return fmt.Sprintf("90%05d|10|%02d.%02d.2026|%s|1.%03d,56%s|EUR|  ", i, 1+i%28, 1+i%10, customer(i), i, sign(i))
			}, ""), "currency=Währg customer=Debitor date=Fkt.Dat. document=Fakt.Nr line=Pos revenue=Nettowert", 0},
		"a report: titles above, totals below, years of two digits, euros": {"purchases",
			table("\ufeffUmsatz Januar – Juni;;;;\r\nerstellt von Müller;;;;\r\n;;;;\r\nBeleg;Datum;Kunde;Menge;Umsatz €\r\n", func(i int) string {
				return fmt.Sprintf("B%d;%02d.%02d.26;%s;%d;%d,50 €", i, 1+i%28, 1+i%6, customer(i), 1+i%5, 10*i)
			}, "Summe;;;90;4.515,00 €\r\n"), "currency=EUR customer=Kunde date=Datum document=Beleg quantity=Menge revenue=Umsatz €", 1},
		"months by name in a date, line breaks in cells, the euro before": {"purchases",
			table("\ufeffRechnung;Pos.;Rechnungsdatum;Kundennummer;Bemerkung;Betrag\r\n", func(i int) string {
				return fmt.Sprintf("\"R%d\";1;\"%d. %s 2026\";\"%s\";\"Zeile eins\r\nZeile \"\"zwei\"\"; Ende\";\"€ %d.%03d,90\"", i, 1+i%28, months[i%10], customer(i), 1+i, i)
			}, ""), "currency=EUR customer=Kundennummer date=Rechnungsdatum document=Rechnung line=Pos. revenue=Betrag", 0},
		"budgets of months by name": {"budgets",
			table("Kunde;Monat;Budget\r\n", func(i int) string {
				return fmt.Sprintf("%s;%s %d;%d.500,00 EUR", customer(i), months[i%12], 2026+i/20, i+1)
			}, ""), "currency=EUR customer=Kunde month=Monat revenue=Budget", 0},
		"budgets of months cut short": {"budgets", // other names than above, or that mapping would be remembered
			table("Debitor;Monat;Budget\r\n", func(i int) string {
				return fmt.Sprintf("%s;%.3s. %d;%d.500,00", customer(i), strings.ReplaceAll(months[i%12], "ä", ""), 27+i/20, i+1)
			}, ""), "customer=Debitor month=Monat revenue=Budget", 0},
		"an American list: brackets for a loss, dollars, the month first": {"purchases",
			table("Invoice No,Date,Customer,Amount\r\n", func(i int) string {
				return fmt.Sprintf("N%d,%d/%d/26,%s,\"%.1s$%d,003.50%.1s\"", i, 1+i%10, 1+i*7%28, customer(i), strings.Replace(sign(i), "-", "(", 1), i+1, strings.Replace(sign(i), "-", ")", 1))
			}, ""), "customer=Customer date=Date document=Invoice No revenue=Amount", 0},
	} {
		var file struct{ ID string }
		h.admin.must(http.MethodPost, "/files?name=export.csv", tt.text, http.StatusCreated, &file)
		var p intake.Preview
		h.admin.must(http.MethodPost, "/imports/preview", intake.PreviewRequest{FileID: file.ID, Kind: tt.kind}, http.StatusOK, &p)
		var columns []string
		for field, v := range p.Mapping.Columns {
			columns = append(columns, field+"="+v.Column+v.Constant)
		}
		slices.Sort(columns)
		if got := strings.Join(columns, " "); got != tt.columns {
			t.Errorf("%s: proposed %s, want %s", name, got, tt.columns)
		}
		done := h.admin.importKept(tt.kind, file.ID, p.Mapping)
		if done.Read != rows+tt.rejected || done.Created != rows || done.Rejected != tt.rejected {
			why := h.admin.must(http.MethodGet, "/imports/"+string(done.ID)+"/rejects?limit=2", nil, http.StatusOK, nil)
			t.Errorf("%s: %+v: %s", name, done, why.body)
		}
	}
}
