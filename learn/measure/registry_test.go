package measure_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

func TestTheManualNamesEveryMeasure(t *testing.T) {
	r := measure.NewRegistry([]scoring.Step{wallet.Step(nil)})
	var page strings.Builder
	if err := r.WriteManual(&page); err != nil {
		t.Fatal(err)
	}
	for _, m := range r.Standing() {
		for _, text := range []string{"### " + m.Label, m.Definition, "`" + m.Key + "`", m.Formula} {
			if !strings.Contains(page.String(), text) {
				t.Errorf("the manual lacks %q", text)
			}
		}
		for _, input := range m.Inputs {
			if _, ok := r.Standing().Find(input); !ok {
				t.Errorf("%s is worked out from %s, which is no measure", m.Key, input)
			}
		}
	}
}

// Below the floor there is no value but the reason; what the step says of everybody comes first.
func TestTooFew(t *testing.T) {
	set := measure.NewRegistry([]scoring.Step{wallet.Step(nil)}).Standing()
	share, _ := set.Find("share")
	revenue, _ := set.Find("revenue")
	for _, c := range []struct {
		m      measure.Measure
		values scoring.Values
		told   scoring.Explanation
		want   string
	}{
		{share, scoring.Values{"potential": int64(100), "share": 0.5}, scoring.Explanation{}, ""},
		{share, scoring.Values{"potential": nil, "share": nil}, scoring.Explanation{}, "Nobody has stated what this customer could buy in a year, and there is no estimate."},
		{share, scoring.Values{"potential": int64(0), "share": nil}, scoring.Explanation{}, "The potential is stated as nothing, and there is no share of nothing."},
		{share, scoring.Values{"potential": int64(100), "share": 0.5}, scoring.Explanation{TooFew: "The model was not fitted."}, "The model was not fitted."},
		{revenue, scoring.Values{"revenue": nil}, scoring.Explanation{}, "It could not be worked out from what is known of this customer."},
		{revenue, scoring.Values{"revenue": int64(0)}, scoring.Explanation{}, ""},
	} {
		if got := c.m.TooFew(c.values, c.told); got != c.want {
			t.Errorf("%s of %v: %q, want %q", c.m.Key, c.values, got, c.want)
		}
	}
	if got := revenue.Shown(int64(1_234_567), "EUR"); got != int64(12_346) {
		t.Errorf("fine units are shown as %v", got)
	}
}

// A step whose columns mean something else in each version says so itself; a version from before it has none of them.
func TestMeasuresOfAVersion(t *testing.T) {
	own := scoring.Step{Name: "own", Columns: []scoring.Column{{Name: "spare_1", Type: scoring.Real, Spare: true}},
		Measures: func(kept json.RawMessage) ([]scoring.Column, error) {
			return []scoring.Column{{Name: "spare_1", Key: "worth", Doc: string(kept), Meaning: scoring.Meaning{Label: "Worth", Unit: scoring.Money, Direction: scoring.More}}}, nil
		}}
	r := measure.NewRegistry([]scoring.Step{wallet.Step(nil), own})
	old, err := r.In(scoring.Version{Cuts: map[string]json.RawMessage{}})
	if err != nil || len(old) != len(wallet.Step(nil).Columns) {
		t.Error(len(old), err)
	}
	set, err := r.In(scoring.Version{Cuts: map[string]json.RawMessage{"own": json.RawMessage(`"kept"`)}})
	if err != nil {
		t.Fatal(err)
	}
	worth, ok := set.Find("worth")
	if !ok || worth.Column() != "spare_1" || worth.Definition != `"kept"` || set.Columns("s")["worth"] != "s.spare_1" {
		t.Errorf("%+v", worth)
	}
	if _, ok := r.Standing().Find("spare_1"); ok {
		t.Error("a spare column stands in the manual")
	}
}
