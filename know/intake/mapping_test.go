package intake

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

// TestMappingErrors holds where a mapping is wrong and the cure it is given.
func TestMappingErrors(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	f := b.upload(t, "sales.csv", "Doc,Date,Cust,Qty,Net price,Amount\nA1,2026-10-01,C1,2,1,10.5\n")
	const good = `"date": "Date", "customer": "Cust", "revenue": "Amount"`
	tests := []struct{ name, columns, place, part string }{
		{"required field", `"date": "Date", "customer": "Cust"`, "mapping.columns.revenue", `need the field "revenue"`},
		{"unknown field", good + `, "colour": "Doc"`, "mapping.columns.colour", "the fields are document, date"},
		{"unknown column", good + `, "document": "Dok"`, "mapping.columns.document", `no column "Dok"; the file has Doc, Date`},
		{"constant as a column", good + `, "quantity": "12"`, "mapping.columns.quantity", `{"constant": "12"}`},
		{"column and constant", good + `, "document": {"column": "Doc", "constant": "x"}`, "mapping.columns.document", "keep one"},
		{"nothing", good + `, "document": {"default": "x"}`, "mapping.columns.document", "a column or a constant"},
		{"bad constant date", `"date": {"constant": "31.10.2026"}, "customer": "Cust", "revenue": "Amount"`, "mapping.columns.date", "2026-10-31"},
		{"bad constant number", `"date": "Date", "customer": "Cust", "revenue": {"constant": "1,5"}`, "mapping.columns.revenue", "12.5"},
		{"bad choice", good + `, "channel": {"constant": "fax"}`, "mapping.columns.channel", "one of web, phone"},
		{"factor on a text", good + `, "document": {"column": "Doc", "factor": 2}`, "mapping.columns.document", "a factor needs a number"},
		{"bad factor", `"date": "Date", "customer": "Cust", "revenue": {"column": "Amount", "factor": "2x"}`, "mapping.columns.revenue", "not a plain number"},
		{"bad format", `"date": {"column": "Date", "format": "yy/dd"}, "customer": "Cust", "revenue": "Amount"`, "mapping.columns.date", "dd.mm.yyyy"},
		{"calculated text", good + `, "document": "Doc + Cust"`, "mapping.columns.document", "a calculation gives a number"},
		{"lookup without a file", good + `, "document": {"column": "Doc", "lookup": {"file": "none.csv", "key": "a", "value": "b"}}`, "mapping.columns.document", `"none.csv", which was not uploaded`},
		{"half a lookup", good + `, "document": {"column": "Doc", "lookup": {"file": "sales.csv", "key": "Doc", "value": ""}}`, "mapping.columns.document", "file, key and value"},
		{"function", `"date": "Date", "customer": "Cust", "revenue": "abs(Amount)"`, "mapping.columns.revenue", `no function but col(`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, _, err := b.compose(t.Context(), Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: mapped(t, `{"columns": {`+tt.columns+`}}`)})
			got := fault.Of(err)
			if got == nil || got.Kind != fault.Invalid {
				t.Fatalf("got %v", err)
			}
			for _, at := range got.Fields {
				if at.Path == tt.place && strings.Contains(at.Detail, tt.part) {
					return
				}
			}
			t.Errorf("no %q at %s in %v", tt.part, tt.place, got)
		})
	}
}

func TestCalculations(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	tests := []struct{ expression, price, qty, discount, want string }{
		{"Price * Qty - Discount", "10.10", "3", "0.3", "300000"},
		{"Price * Qty - Discount", "10.10", "3", "", "303000"},
		{"Price * Qty - Discount", "", "3", "", ""},
		{"Price * 0.3", "1.15", "", "", "3450"},
		{"Price * 0.3", "0.00015", "", "", "0"},
		{"Price * 0.3", "0.00017", "", "", "1"},
		{"Price / Qty", "10", "4", "", "25000"},
		{"Price / Qty", "10", "0", "", ""},
		{"Price / Qty", "2", "3", "", "6667"},
		{"-Price + Qty", "10", "4", "", "-60000"},
		{"Price - (Qty - Discount)", "10", "4", "1", "70000"},
		{"Price * Qty * Discount", "99999999999", "99999999999", "99999999999", ""},
		{"Price + Qty", "x", "4", "", ""},
		{`Price * (1 - col("Discount") / 100)`, "200", "", "12.5", "1750000"},
	}
	for _, tt := range tests {
		f := b.upload(t, "sales.csv", "Date,Cust,Price,Qty,Discount\n2026-10-01,C1,"+tt.price+","+tt.qty+","+tt.discount+"\n2026-10-01,C1,1,1,1\n2026-10-01,NONE,1,1,1\n")
		expression, _ := json.Marshal(tt.expression)
		im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, Dialect: &Dialect{Decimal: "."},
			Mapping: mapped(t, `{"columns": {"date": "Date", "customer": "Cust", "revenue": `+string(expression)+`}}`)})
		if err != nil {
			t.Fatal(err)
		}
		got := strings.TrimSpace(b.table(t, "SELECT cast(revenue AS VARCHAR) FROM sale WHERE row_no = 0"))
		if got != tt.want {
			t.Errorf("%s of %q, %q, %q = %q, want %q; %s", tt.expression, tt.price, tt.qty, tt.discount, got, tt.want, b.rejectLines(t, im.ID))
		}
		if _, err := b.w.Exec(t.Context(), "DELETE FROM sale", nil); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMappingFileInThePreview holds that the file the command line takes comes back as the mapping, with its kind.
func TestMappingFileInThePreview(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	f := b.upload(t, "x.csv", "A,B,C\n1,2,3\n")
	text := "kind: sales\nsource: erp\ncolumns:\n  customer: B\n  revenue: C * 0.3\n  document: {column: A, lookup: {file: d.csv, key: k, value: v}}\n"
	p, err := b.Preview(t.Context(), PreviewRequest{FileID: f.ID, Kind: "another", MappingText: text})
	if err != nil {
		t.Fatal(err)
	}
	if p.Kind != "sales" || p.Mapping.Source != "erp" || len(p.Mapping.Columns) != 3 || p.Mapping.Columns["revenue"].Column != "C * 0.3" || len(p.Columns) != 3 {
		t.Errorf("got %+v", p)
	}
	for text, place := range map[string]string{
		"kind: [": "mapping", "kind: nothing\ncolumns: {}": "kind", "kind: sales\ncolumns: {colour: A}": "mapping.columns.colour",
	} {
		_, err := b.Preview(t.Context(), PreviewRequest{FileID: f.ID, MappingText: text})
		if got := fault.Of(err); got == nil || got.Kind != fault.Invalid || len(got.Fields) == 0 || got.Fields[0].Path != place {
			t.Errorf("%q gave %v, wanted a fault at %s", text, err, place)
		}
	}
}
