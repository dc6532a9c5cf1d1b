package intake

import (
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

// TestSplitJoinAndRow holds what becomes of parts of cells, of several values put together, and of the number of the row.
func TestSplitJoinAndRow(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	f := b.upload(t, "sales.csv", "Key,First,Last,Path,Date,Amount,Y,M,D\n"+
		"1,Jane,Doe,Bikes > Road,2026-10-01,1,2026,10,1\n"+
		"2,,Roe,Bikes,2026-10-02,2,2026,1,31\n"+
		"9,Ann,,A > B > C,2026-10-03,3,2026,2,30\n"+
		"4,,,,2026-10-04,4,2026,2,3\n")
	keys := b.upload(t, "keys.csv", "Id,Group,Name\n1,G1,One\n2,G2,Two\n4,G1,Four\n")
	groups := b.upload(t, "groups.csv", "Group,Name\nG1,First group\nG2,Second group\n")
	im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, LookupFileIDs: []string{keys.ID, groups.ID}, Mapping: mapped(t, `
columns:
  document: {join: [{constant: R}, {row: true}], with: ""}
  date: {join: [Y, M, D], with: "-"}
  customer: {join: [First, Last], default: nobody}
  revenue: Amount
  channel: {column: Path, split: {by: " > ", part: -1}, map: {Road: web}, default: phone}
  note:
    join:
      - {column: Key, lookup: [{file: keys.csv, key: Id, value: Group}, {file: groups.csv, key: Group, value: Name}]}
      - {column: Key, lookup: {file: keys.csv, key: Id, value: Name}}
    with: " > "
`)})
	must(t, err)
	got := b.table(t, "SELECT cast(row_no AS VARCHAR), document, cast(date AS VARCHAR), customer, channel, note FROM sale ORDER BY row_no")
	if want := "0|R1|2026-10-01|Jane Doe|web|First group > One\n3|R4|2026-02-03|nobody|phone|First group > Four\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	rejects := b.rejectLines(t, im.ID)
	for _, want := range []string{`sales.csv,3,Path,Bikes,"""Bikes"" is none of web, phone`, `"Y, M, D",2026; 2; 30,"""2026; 2; 30"" is not a date`, `could not be looked up`} {
		if !strings.Contains(rejects, want) {
			t.Errorf("no %s in\n%s", want, rejects)
		}
	}
	// Another file behind: rows are numbered through.
	more := b.upload(t, "more.csv", "Key,First,Last,Path,Date,Amount,Y,M,D\n1,Zoë,Poe,Road,2026-10-05,5,2026,3,4\n")
	again, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID, more.ID}, Mapping: mapped(t, `{"columns": {"document": {"row": true}, "date": "Date", "customer": {"column": "Last", "default": "x"}, "revenue": "Amount"}}`)})
	must(t, err)
	if got := b.table(t, "SELECT max(document), cast(count(*) AS VARCHAR) FROM sale WHERE import_no = 2"); got != "5|5\n" {
		t.Errorf("%s %+v", got, again)
	}
}

// TestMappingsThatSayTwoThings holds where the wish is unclear, and what is answered.
func TestMappingsThatSayTwoThings(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	f := b.upload(t, "sales.csv", "Doc,Date,Cust,Amount\nA1,2026-10-01,C1,10.5\n")
	for document, part := range map[string]string{
		`{"row": true, "column": "Doc"}`:                       "keep one of them",
		`{"join": ["Doc"], "constant": "x"}`:                   "keep one of them",
		`{"join": ["Doc", "none"]}`:                            `no column "none"`,
		`{"join": ["Doc", {"column": "Cust", "factor": 2}]}`:   "takes no join, factor or format",
		`{"join": ["Doc", {"split": {"by": ",", "part": 1}}]}`: "needs a column or a constant",
		`{"column": "Doc", "with": "-"}`:                       "nothing is joined",
		`{"column": "Doc", "split": {"by": "", "part": 1}}`:    "split needs by",
		`{"column": "Doc", "split": {"by": ","}}`:              "split needs by",
	} {
		_, _, _, err := b.compose(t.Context(), Request{Kind: "sales", FileIDs: []string{f.ID},
			Mapping: mapped(t, `{"columns": {"date": "Date", "customer": "Cust", "revenue": "Amount", "document": `+document+`}}`)})
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: got %v, want %q", document, err, part)
		}
	}
}

// TestGuardedTextsComeBack is the round trip of A08: what an export guarded against spreadsheets is imported as it was.
func TestGuardedTextsComeBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	texts := []string{"=1+1", "+45 12 34", "-", "@x", "＝1", "'=1", "''=1", `=HYPERLINK("http://x";"y")`, "=cmd|' /C calc'!A0", "'quoted'", "O'Neil", ";=1", "'", "a=b", "-5", "'-5'"}
	var file strings.Builder
	file.WriteString("Doc,Date,Cust,Amount\n")
	for _, text := range texts {
		file.WriteString(`A,2026-10-01,"` + strings.ReplaceAll(tabular.Guard(text), `"`, `""`) + "\",1\n")
	}
	f := b.upload(t, "export.csv", file.String())
	_, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: mapped(t, `{"columns": {"date": "Date", "customer": "Cust", "revenue": "Amount"}}`)})
	must(t, err)
	if got := b.table(t, "SELECT customer FROM sale ORDER BY row_no"); got != strings.Join(texts, "\n")+"\n" {
		t.Errorf("got\n%s", got)
	}
}
