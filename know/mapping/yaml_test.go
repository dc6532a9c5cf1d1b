package mapping

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWrittenAndReadAgain(t *testing.T) {
	kind := Target{Key: "sales", Fields: []Field{{Name: "date"}, {Name: "customer"}, {Name: "revenue"}, {Name: "note"}}}
	m := Mapping{Kind: "sales", Source: "1", Columns: map[string]Value{
		"revenue":  {Column: "Price * 0.3"},
		"note":     {Constant: "0.3 of the \"yearly\" sales: # all\nof them", Map: map[string]string{"1": "yes", "no": "null", "": "~"}},
		"date":     {Constant: "2010-01-01"},
		"customer": {Column: "Key", Lookup: Lookups{{File: "a, b.csv", Key: "K", Value: "V"}, {File: "c.csv", Key: "'K'", Value: "訂單"}}, Default: "007"},
	}}
	text, err := m.YAML(kind)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, parsed(t, string(text))); diff != "" {
		t.Errorf("after\n%s: %s", text, diff)
	}
	var order []int
	for _, f := range kind.Fields {
		order = append(order, strings.Index(string(text), "\n  "+f.Name+":"))
	}
	for i := range order {
		if order[i] < 0 || i > 0 && order[i] < order[i-1] {
			t.Errorf("the fields are not in the order of the kind:\n%s", text)
		}
	}
}

func TestTheExamplesSurvive(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m := parsed(t, string(text))
		written, err := m.YAML(Target{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, parsed(t, string(written))); diff != "" {
			t.Errorf("%s, after\n%s: %s", file, written, diff)
		}
	}
}
