package loyalty

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"math"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/know/purchase"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// stepName is also the name under which a version keeps what it was computed by.
const stepName = "loyalty"

var (
	//go:embed loyalty.sql
	loyaltySQL string
	//go:embed months.sql
	monthsSQL string
	//go:embed history.sql
	historySQL string
	//go:embed answers.sql
	answersSQL string
	//go:embed rhythm_table.sql
	rhythmTable string
	//go:embed fall_table.sql
	fallTable string
	//go:embed rhythms.sql
	rhythmsSQL string
	//go:embed falls.sql
	fallsSQL string
	//go:embed statements.sql
	statementsSQL string
	//go:embed shares.sql
	sharesSQL string
	//go:embed margin.sql
	marginSQL string
	//go:embed thirds.sql
	thirdsSQL string
)

const (
	oldestMonths = 180 // fifteen years: as many quarters as a whole number has bits for
	pastMonths   = 24  // that the recent ones are held against
)

// kept is what a version keeps: the settings that counted, what stands for profitability and where its classes begin.
type kept struct {
	Definition    Definition `json:"definition"`
	AsOf          date.Date  `json:"as_of"`
	Profitability string     `json:"profitability"` // a column of score in fine units
	ProfitCuts    []int64    `json:"profit_cuts"`   // fine units; none where nobody bought
	CompanyMargin float64    `json:"company_margin"`
}

// Step gives the scoring consistency and tie, the type of behaviour and the early warnings of each customer. It stands behind
// the steps of wallet and RFM, whose tables it reads, and behind profit, if there is one.
func Step(definitions *Definitions, before []scoring.Step) scoring.Step {
	return scoring.Step{Name: stepName, SQL: loyaltySQL, Columns: columns(), Explain: explain, Measures: measures,
		Resolve: func(ctx context.Context, s *scoring.Snapshot) (scoring.Resolved, error) {
			def, _, err := definitions.Get(ctx)
			if err != nil {
				return scoring.Resolved{}, err
			}
			k := kept{Definition: def, AsOf: s.AsOf, ProfitCuts: []int64{}}
			if err := errors.Join(k.judgeProfit(ctx, s, before), prepare(ctx, s, def)); err != nil {
				return scoring.Resolved{}, err
			}
			return scoring.Resolved{Keep: k, Args: args(k), Holes: []engine.Hole{{Name: "type", Clause: clause(def.Rules, "x")}}}, nil
		}}
}

func args(k kept) engine.Args {
	d := k.Definition
	return engine.Args{"company_margin": k.CompanyMargin, "w_regularity": d.Consistency.Regularity, "w_trend": d.Consistency.Trend, "w_share": d.Consistency.Share,
		"w_price": d.Consistency.Price, "w_intention": d.Tie.Intention, "w_satisfaction": d.Tie.Satisfaction, "w_recommendation": d.Tie.Recommendation,
		"w_reference": d.Tie.Reference, "w_second": d.Tie.SecondChance, "w_relation": d.Tie.Relation, "w_complaint": d.Tie.Complaint,
		"w_consistency": d.Index.Consistency, "w_tie": d.Index.Tie, "rate": d.Warning.Rate, "season": d.Warning.Season, "recent": d.Warning.Months}
}

// profitColumn is what the step of profit calls a customer's profit.
const profitColumn = "profit"

// judgeProfit finds what stands for profitability, profit where a step before gives it and revenue elsewhere, and where
// its classes begin.
func (k *kept) judgeProfit(ctx context.Context, s *scoring.Snapshot, before []scoring.Step) error {
	k.Profitability = "revenue"
	table := "step_wallet"
	for _, step := range before {
		for _, c := range step.Columns {
			if c.Name == profitColumn {
				k.Profitability, table = c.Name, step.Table()
			}
		}
	}
	for _, cut := range k.Definition.ProfitCuts {
		k.ProfitCuts = append(k.ProfitCuts, cut*s.FinePerMinor)
	}
	var revenue, cost int64
	if err := s.Ask(ctx, marginSQL, nil, &revenue, &cost); err != nil {
		return err
	}
	if revenue > 0 {
		k.CompanyMargin = 1 - float64(cost)/float64(revenue)
	}
	if len(k.ProfitCuts) > 0 {
		return nil
	}
	return s.Each(ctx, thirdsSQL, nil, func(rows *sql.Rows) error {
		var third, value int64
		if err := rows.Scan(&third, &value); err != nil {
			return err
		}
		if third > 1 {
			k.ProfitCuts = append(k.ProfitCuts, value)
		}
		return nil
	}, engine.Hole{Name: "value", Clause: filter.Clause{SQL: k.Profitability}}, engine.Hole{Name: "table", Clause: filter.Clause{SQL: table}})
}

// prepare makes the temporary tables that the step's text joins.
func prepare(ctx context.Context, s *scoring.Snapshot, def Definition) error {
	recent := def.Warning.Months
	now := s.AsOf.Time()
	more := engine.Args{"month": now.Year()*12 + int(now.Month()), "day_of_month": now.Day(), "oldest": s.AsOf.AddMonths(-oldestMonths),
		"answers_from": s.AsOf.AddMonths(-def.AnswerMonths), "recent": recent, "until": recent + pastMonths, "amounts_from": recent, "amounts_until": recent + pastMonths,
		"season": def.Warning.Season, "minimum": def.Warning.Minimum, "calm": float64(calm), "least": leastDispersion}
	if def.Warning.Season {
		more["amounts_from"], more["amounts_until"] = 12, 12+recent
	}
	if err := s.Share(ctx, "purchase_day", purchase.DaysSQL); err != nil {
		return err
	}
	for _, text := range []string{monthsSQL, historySQL, answersSQL, statementsSQL, sharesSQL, rhythmTable, fallTable} {
		if err := s.Make(ctx, text, more); err != nil {
			return err
		}
	}
	var chances [][]any
	err := s.Each(ctx, rhythmsSQL, more, func(rows *sql.Rows) error {
		r := Rhythm{Last: int64(recent), Season: def.Warning.Season}
		if err := rows.Scan(&r.Months, &r.Past, &r.Squares, &r.Recent, &r.Silence, &r.YearAgo); err != nil {
			return err
		}
		chances = append(chances, []any{r.Months, r.Past, r.Squares, r.Recent, r.Silence, r.YearAgo, r.Chance()})
		return nil
	})
	if err == nil {
		err = fill(ctx, s, "loyalty_rhythm", []string{"months", "past", "squares", "recent", "silence", "year_ago", "chance"}, chances)
	}
	if err != nil {
		return err
	}
	return judgeFalls(ctx, s)
}

// judgeFalls fills in what the tests say of each fall of amounts and of shares.
func judgeFalls(ctx context.Context, s *scoring.Snapshot) error {
	var falls [][]any
	err := s.Each(ctx, fallsSQL, nil, func(rows *sql.Rows) error {
		var t, freedom int64
		if err := rows.Scan(&t, &freedom); err != nil {
			return err
		}
		chance := Fall(float64(t)/100, freedom)
		if freedom == 0 {
			chance = math.Erfc(-float64(t)/100/math.Sqrt2) / 2
		}
		falls = append(falls, []any{t, freedom, chance})
		return nil
	})
	if err != nil {
		return err
	}
	return fill(ctx, s, "loyalty_fall", []string{"t", "freedom", "chance"}, falls)
}

func fill(ctx context.Context, s *scoring.Snapshot, table string, columns []string, rows [][]any) error {
	at := 0
	return s.Fill(ctx, table, columns, func() ([]any, bool, error) {
		if at == len(rows) {
			return nil, false, nil
		}
		at++
		return rows[at-1], true, nil
	})
}
