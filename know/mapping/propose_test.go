package mapping_test

import (
	"testing"

	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/know/mapping"
)

// A currency is proposed for a column of codes whatever its name, and never for keys of another table or for words that happen to
// be spelled like codes.
func TestProposedCurrency(t *testing.T) {
	kind := mapping.Target{Key: "purchases", Fields: []mapping.Field{{Name: "currency", Label: "Currency", Type: mapping.Code, Synonyms: []string{"currency code"}}}}
	for _, tt := range []struct {
		name    string
		samples []string
		want    bool
	}{
		{"CurrencyKey", []string{"100", "98"}, false},
		{"CurrencyKey", []string{"EUR", "DKK"}, true},
		{"Currency code", []string{"eur", "dkk"}, true},
		{"V1", []string{"EUR", "DKK"}, true},
		{"V1", []string{"all", "top", "try"}, false},
	} {
		column := tabular.Column{Name: tt.name, Named: true, Type: "code", Samples: tt.samples}
		m := mapping.Propose([]mapping.Target{kind}, tabular.Layout{Columns: []tabular.Column{column}}, "file")
		if _, got := m.Columns["currency"]; got != tt.want {
			t.Errorf("%s %v: proposed %t", tt.name, tt.samples, got)
		}
	}
}
