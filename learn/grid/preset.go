package grid

import "github.com/kvadrant/kvadrant/learn/measure"

// CustomerKey names the customer matrix, which is the default everywhere.
const CustomerKey = customerKey

// Presets returns the matrices of the program whose measures are all among the given ones, the customer matrix first. Their
// texts are English; the client has them in every language by their keys.
func Presets(measures measure.Set) []Definition {
	var offered []Definition
	for _, d := range presets() {
		_, rows := measures.Find(d.Rows.Measure)
		_, columns := measures.Find(d.Columns.Measure)
		if rows && columns {
			offered = append(offered, d)
		}
	}
	return offered
}

func presets() []Definition {
	return []Definition{customerMatrix(),
		portfolio("value-chance", "Value and chance", "Revenue against the potential that is still unused: whom to bind, to care for intensively, to develop, and to serve at little cost (Y3 to Y5).", "revenue"),
		portfolio("value-to-come-chance", "Value to come and chance", "The margin to be expected against the potential that is still unused, with the same four strategies.", "value_to_come"),
		danger(), recencyFrequency(), loyalty(), behaviour(), pyramid()}
}

// listed is an axis by words, each of which is a class of its own.
func listed(measure string, classes ...Class) Axis {
	for i, c := range classes {
		if c.Words == nil {
			classes[i].Words = []string{c.Key}
		}
	}
	return Axis{Measure: measure, By: ByWord, Classes: classes}
}

// cut is an axis by numbers.
func cut(measure, by string, at []float64, classes ...Class) Axis {
	return Axis{Measure: measure, By: by, At: at, Classes: classes}
}

func low() Class    { return Class{Key: "low", Name: "Low"} }
func medium() Class { return Class{Key: "medium", Name: "Medium"} }
func high() Class   { return Class{Key: "high", Name: "High"} }

// thirds cuts the customers who have a value into three parts of equal number, whatever scale the measure has.
func thirds(measure string) Axis {
	return cut(measure, ByQuantile, []float64{1.0 / 3, 2.0 / 3}, low(), medium(), high())
}

// customerMatrix is the matrix of FIELD.md K1. Scoring places every customer in it; its cut points are settings of package
// matrix.
func customerMatrix() Definition {
	rows := []Class{{Key: "gold", Name: "Gold"}, {Key: "silver", Name: "Silver"}, {Key: "bronze", Name: "Bronze"}}
	columns := []Class{{Key: "prospect", Name: "Prospect"}, {Key: "bubble", Name: "Bubble"}, {Key: "sailer", Name: "Sailer"}, {Key: "loyal", Name: "Loyal"}}
	cells := []Cell{}
	nouns := map[string]string{"prospect": "prospects", "bubble": "bubbles", "sailer": "sailers", "loyal": "loyal"}
	for _, r := range rows {
		for _, c := range columns {
			cells = append(cells, Cell{Row: r.Key, Column: c.Key, Name: r.Name + " " + nouns[c.Key]})
		}
	}
	return Definition{Key: CustomerKey, Name: "Customer matrix",
		Description: "What a customer could buy from anybody against how much of that it buys from us (K1).",
		Rows:        listed("potential_class", rows...), Columns: listed("share_class", columns...), Cells: cells}
}

// portfolio is value × chance with the four strategies of FIELD.md Y5. High are the customers that make the first four
// fifths of the whole.
func portfolio(key, name, description, value string) Definition {
	fifths := []float64{0.8}
	return Definition{Key: key, Name: name, Description: description,
		Rows: cut(value, ByCumulativeShare, fifths, low(), high()), Columns: cut("unused", ByCumulativeShare, fifths, low(), high()),
		Cells: []Cell{
			{Row: "high", Column: "low", Name: "Bind", Strategy: "bind", Colour: "blue"},
			{Row: "high", Column: "high", Name: "Care for intensively", Strategy: "care", Colour: "green"},
			{Row: "low", Column: "high", Name: "Develop", Strategy: "develop", Colour: "orange"},
			{Row: "low", Column: "low", Name: "Minimal care", Strategy: "minimal", Colour: "grey"},
		}}
}

func danger() Definition {
	return Definition{Key: "value-danger", Name: "Value and danger of leaving",
		Description: "Revenue against the chance that the customer buys nothing in the months ahead: whom to keep first.",
		Rows:        cut("revenue", ByCumulativeShare, []float64{0.8, 0.5}, low(), medium(), high()),
		Columns:     cut("danger", ByValue, []float64{0.3, 0.6}, low(), medium(), high()),
		Cells: []Cell{
			{Row: "high", Column: "high", Name: "Win back now", Colour: "red", Strategy: "care"},
			{Row: "high", Column: "medium", Name: "Watch closely", Colour: "orange", Strategy: "bind"},
			{Row: "high", Column: "low", Name: "Safe and strong", Colour: "green", Strategy: "bind"},
			{Row: "low", Column: "high", Name: "Let go", Colour: "grey", Strategy: "minimal"},
		}}
}

func recencyFrequency() Definition {
	bands := func(measure string) Axis {
		return cut(measure, ByValue, []float64{2, 3, 4, 5}, Class{Key: "1", Name: "1"}, Class{Key: "2", Name: "2"}, Class{Key: "3", Name: "3"},
			Class{Key: "4", Name: "4"}, Class{Key: "5", Name: "5"})
	}
	return Definition{Key: "rfm", Name: "Recency and frequency",
		Description: "How recently customers bought against how often, in bands of equal size; 5 is the most recent and the most frequent (C7).",
		Rows:        bands("rfm_r"), Columns: bands("rfm_f"), Cells: []Cell{
			{Row: "5", Column: "5", Name: "Champions", Colour: "green", Strategy: "care"},
			{Row: "1", Column: "5", Name: "Must not be lost", Colour: "red", Strategy: "care"},
			{Row: "5", Column: "1", Name: "New", Colour: "sky", Strategy: "develop"},
			{Row: "1", Column: "1", Name: "Asleep", Colour: "grey", Strategy: "minimal"},
		}}
}

func loyalty() Definition {
	return Definition{Key: "loyalty", Name: "Loyalty matrix", Description: "Profitability against loyalty (P11).",
		Rows: thirds("profit"), Columns: thirds("loyalty"), Cells: []Cell{
			{Row: "high", Column: "high", Name: "The good customer", Colour: "green", Strategy: "bind"},
			{Row: "high", Column: "low", Name: "In danger", Colour: "red", Strategy: "care"},
			{Row: "low", Column: "high", Name: "Loyal, but dear", Colour: "orange", Strategy: "develop"},
			{Row: "low", Column: "low", Name: "Passing by", Colour: "grey", Strategy: "minimal"},
		}}
}

func behaviour() Definition {
	return Definition{Key: "behaviour", Name: "Behaviour types",
		Description: "How consistently a customer behaves against how strongly it is tied to us (P12).",
		Rows:        thirds("tie"), Columns: thirds("consistency"), Cells: []Cell{
			{Row: "high", Column: "high", Name: "Truly loyal", Colour: "green", Strategy: "bind"},
			{Row: "high", Column: "low", Name: "Fan", Colour: "sky", Strategy: "develop"},
			{Row: "low", Column: "high", Name: "Bad habit or hostage", Colour: "orange", Strategy: "care"},
			{Row: "low", Column: "low", Name: "Indifferent", Colour: "grey", Strategy: "minimal"},
		}}
}

// pyramid has the tiers that the program starts with; a company that names its own makes its own matrix.
func pyramid() Definition {
	return Definition{Key: "pyramid", Name: "Pyramid and share", Description: "The tier of the customer pyramid against our share of what the customer buys (D1).",
		Rows:    listed("tier", Class{Key: "top", Name: "Top"}, Class{Key: "large", Name: "Large"}, Class{Key: "medium", Name: "Medium"}, Class{Key: "small", Name: "Small"}),
		Columns: cut("share", ByValue, []float64{0.25, 0.6}, low(), medium(), high()), Cells: []Cell{}}
}
