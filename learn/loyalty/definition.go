package loyalty

import "github.com/kvadrant/kvadrant/internal/fault"

// ConsistencyWeights say what each part of consistency weighs; what is not known of a customer weighs nothing.
type ConsistencyWeights struct {
	Regularity float64 `json:"regularity" minimum:"0" maximum:"100" doc:"Quarters with a purchase ÷ quarters."`
	Trend      float64 `json:"trend" minimum:"0" maximum:"100" doc:"Revenue of the year ÷ that of the year before, at most 1."`
	Share      float64 `json:"share" minimum:"0" maximum:"100" doc:"Customer share, at most 1."`
	Price      float64 `json:"price" minimum:"0" maximum:"100" doc:"Reaction to offers: the customer's margin ÷ the company's, from 0 to 1."`
}

// TieWeights say what each kind of answer weighs; what was not asked weighs nothing.
type TieWeights struct {
	Intention      float64 `json:"intention" minimum:"0" maximum:"100"`
	Satisfaction   float64 `json:"satisfaction" minimum:"0" maximum:"100"`
	Recommendation float64 `json:"recommendation" minimum:"0" maximum:"100"`
	Reference      float64 `json:"reference" minimum:"0" maximum:"100"`
	SecondChance   float64 `json:"second_chance" minimum:"0" maximum:"100"`
	Relation       float64 `json:"relation" minimum:"0" maximum:"100" doc:"The mean of the five Bs."`
	Complaint      float64 `json:"complaint" minimum:"0" maximum:"1" doc:"What each complaint takes off the tie."`
}

// IndexWeights say what the two sides weigh in the index of loyalty.
type IndexWeights struct {
	Consistency float64 `json:"consistency" minimum:"0" maximum:"100"`
	Tie         float64 `json:"tie" minimum:"0" maximum:"100"`
}

// WarningRules say when the company wants to be warned.
type WarningRules struct {
	Rate    float64 `json:"rate" minimum:"0.0001" maximum:"0.2" doc:"How often a customer who did not change may be warned about, at each scoring: 0.01 is one in a hundred."`
	Months  int     `json:"months" minimum:"1" maximum:"12" doc:"The recent months that are held against those before."`
	Minimum int     `json:"minimum" minimum:"8" maximum:"1000" doc:"With fewer purchases in all those months nothing is said of a customer's rhythm."`
	Season  bool    `json:"season" doc:"Hold the recent months against the same months of the year before instead of the two years before them."`
}

// Definition is the company's settings of loyalty.
type Definition struct {
	Consistency     ConsistencyWeights `json:"consistency"`
	Tie             TieWeights         `json:"tie"`
	Index           IndexWeights       `json:"index"`
	AnswerMonths    int                `json:"answer_months" minimum:"1" maximum:"120" doc:"Answers older than this no longer count."`
	Asked           int                `json:"asked" minimum:"1" maximum:"1000" doc:"With fewer answers no index is told."`
	ConsistencyCuts Cuts               `json:"consistency_cuts"`
	TieCuts         Cuts               `json:"tie_cuts"`
	LoyaltyCuts     Cuts               `json:"loyalty_cuts"`
	ProfitCuts      []int64            `json:"profit_cuts" nullable:"false" maxItems:"2" doc:"In minor units, where middle and high profitability begin; none for thirds of the buyers."`
	Rules           []Rule             `json:"rules" nullable:"false" maxItems:"40" doc:"The first that holds gives the type."`
	Warning         WarningRules       `json:"warning"`
}

// DefaultDefinition holds until somebody changes it.
func DefaultDefinition() Definition {
	return Definition{Consistency: ConsistencyWeights{2, 1, 1, 1}, Tie: TieWeights{3, 2, 2, 1, 1, 2, 0.1}, Index: IndexWeights{1, 1}, AnswerMonths: 24, Asked: 5,
		ConsistencyCuts: Cuts{0.4, 0.7}, TieCuts: Cuts{0.4, 0.7}, LoyaltyCuts: Cuts{40, 70}, ProfitCuts: []int64{}, Rules: DefaultRules(),
		Warning: WarningRules{Rate: 0.01, Months: 3, Minimum: 8}}
}

// Validate returns a fault that names every field that cannot stand.
func (d Definition) Validate() error {
	check := fault.Check("loyalty.invalid_definition")
	weights := func(path string, all ...float64) {
		sum := 0.0
		for _, w := range all {
			check.That(w >= 0 && w <= 100, path, "Give each weight from 0 to 100.")
			sum += w
		}
		check.That(sum > 0, path, "Give at least one of them a weight.")
	}
	c, t := d.Consistency, d.Tie
	weights("consistency", c.Regularity, c.Trend, c.Share, c.Price)
	weights("tie", t.Intention, t.Satisfaction, t.Recommendation, t.Reference, t.SecondChance, t.Relation)
	weights("index", d.Index.Consistency, d.Index.Tie)
	check.That(t.Complaint >= 0 && t.Complaint <= 1, "tie.complaint", "Give a number from 0 to 1.").
		That(d.AnswerMonths >= 1 && d.AnswerMonths <= 120, "answer_months", "Give 1 to 120 months.").
		That(d.Asked >= 1 && d.Asked <= 1000, "asked", "Give 1 to 1,000 answers.")
	for _, x := range []struct {
		path string
		cuts Cuts
		most float64
	}{{"consistency_cuts", d.ConsistencyCuts, 1}, {"tie_cuts", d.TieCuts, 1}, {"loyalty_cuts", d.LoyaltyCuts, 100}} {
		check.That(x.cuts.Middle > 0 && x.cuts.Middle < x.cuts.High && x.cuts.High <= x.most, x.path, "Give two numbers, the second larger, above 0 and up to %v.", x.most)
	}
	check.That(len(d.ProfitCuts) == 0 || len(d.ProfitCuts) == 2 && d.ProfitCuts[0] < d.ProfitCuts[1], "profit_cuts", "Give two amounts, the second larger, or none.")
	w := d.Warning
	check.That(w.Rate >= 0.0001 && w.Rate <= 0.2, "warning.rate", "Give 0.01 %% to 20 %%.").
		That(w.Months >= 1 && w.Months <= 12, "warning.months", "Give 1 to 12 months.").
		That(w.Minimum >= 8 && w.Minimum <= 1000, "warning.minimum", "Give 8 to 1,000 purchases; fewer show no rhythm.")
	if err := check.Err(); err != nil {
		return err
	}
	return validateRules(d.Rules)
}
