package loyalty

import (
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Period is how long the periods of the indices are.
type Period string

// The periods, back from the date.
const (
	Quarter  Period = "quarter"
	HalfYear Period = "half_year"
	Year     Period = "year"
)

// quarters of a period.
func (p Period) quarters() int {
	switch p {
	case Year:
		return 4
	case HalfYear:
		return 2
	}
	return 1
}

// shownPeriods is how many periods are drawn.
const shownPeriods = 8

// Trade is who bought in a period, against the period before.
type Trade struct {
	Customers int64    `json:"customers" doc:"Bought in the period."`
	Before    int64    `json:"before" doc:"Bought in the period before."`
	Again     int64    `json:"again" doc:"Bought in both."`
	Left      int64    `json:"left" doc:"Bought in the period before and not in this one."`
	Retention *float64 `json:"retention" doc:"Again ÷ before × 100; null where nobody bought before."`
	Loss      *float64 `json:"loss" doc:"Left ÷ mean of the customers of both periods; null where there were none."`
}

func trade(customers, before, again int64) Trade {
	return Trade{Customers: customers, Before: before, Again: again, Left: before - again, Retention: Retention(before, again), Loss: Loss(before-again, before, customers)}
}

// Span is the indices of one period.
type Span struct {
	From date.Date `json:"from"`
	To   date.Date `json:"to"`
	Trade
	Intenders    Intenders    `json:"intenders"`
	Standard     *float64     `json:"standard" doc:"Loyalty: unconditional and conditional intenders ÷ asked. Null where too few were asked."`
	Strengthened *float64     `json:"strengthened" doc:"Unconditional intenders ÷ asked × 100. Null where too few were asked."`
	Satisfaction Satisfaction `json:"satisfaction"`
	Categories   []Category   `json:"categories" nullable:"false"`
	Answers      int64        `json:"answers" doc:"About satisfaction."`
}

// Part is the indices of the latest period of one part of the company.
type Part struct {
	Key  string `json:"key" doc:"An industry, a country or the id of a unit; empty for customers without one."`
	Name string `json:"name"`
	Trade
}

// Sum is what some customers come to.
type Sum struct {
	Customers int64 `json:"customers"`
	Revenue   int64 `json:"revenue" doc:"Of the window, in minor units."`
	Profit    int64 `json:"profit" doc:"What stands for profitability, in minor units."`
}

func (s *Sum) add(t Sum) {
	s.Customers, s.Revenue, s.Profit = s.Customers+t.Customers, s.Revenue+t.Revenue, s.Profit+t.Profit
}

// Profile is the mean of each of the five Bs over those who were scored; null where nobody was.
type Profile struct {
	Willingness  *float64 `json:"willingness"`
	Ability      *float64 `json:"ability"`
	Reliability  *float64 `json:"reliability"`
	Reachability *float64 `json:"reachability"`
	Involvement  *float64 `json:"involvement"`
	Scored       int64    `json:"scored" doc:"Customers of whom the B scored most often is known."`
}

// scores adds the five Bs up.
type scores struct {
	sum [5]float64
	n   [5]int64
}

func (s *scores) add(t scores) {
	for i := range s.sum {
		s.sum[i], s.n[i] = s.sum[i]+t.sum[i], s.n[i]+t.n[i]
	}
}

func (s scores) profile() Profile {
	var p Profile
	for i, to := range []**float64{&p.Willingness, &p.Ability, &p.Reliability, &p.Reachability, &p.Involvement} {
		if s.n[i] > 0 {
			mean := s.sum[i] / float64(s.n[i])
			*to = &mean
		}
		p.Scored = max(p.Scored, s.n[i])
	}
	return p
}

// TypeFigures are the customers of one type.
type TypeFigures struct {
	Type Type `json:"type" enum:"truly_loyal,bought_loyalty,bad_habit,hostage,vampire,terrorist,fan,waits_for_offer,occasion_buyer,indifferent,unknown"`
	Sum
	Profile Profile `json:"profile"`
}

// GridFigures are the customers of one type in one field of consistency × tie.
type GridFigures struct {
	Consistency int   `json:"consistency" doc:"0 low, 1 middle, 2 high; −1 not known."`
	Tie         int   `json:"tie" doc:"0 low, 1 middle, 2 high; −1 never asked."`
	Type        Type  `json:"type" enum:"truly_loyal,bought_loyalty,bad_habit,hostage,vampire,terrorist,fan,waits_for_offer,occasion_buyer,indifferent,unknown"`
	Customers   int64 `json:"customers"`
}

// CellFigures are the customers of one field of the loyalty matrix.
type CellFigures struct {
	ProfitClass  int `json:"profit_class" doc:"0 low, 1 middle, 2 high."`
	LoyaltyClass int `json:"loyalty_class" doc:"0 low, 1 middle, 2 high; −1 not known."`
	Sum
	Profile Profile `json:"profile"`
}

// Matrix is profitability × loyalty (P11).
type Matrix struct {
	Profitability string        `json:"profitability" doc:"The measure that stands for it."`
	Cuts          []int64       `json:"cuts" nullable:"false" doc:"Where middle and high profitability begin, in minor units."`
	Loyalty       []CellFigures `json:"by_loyalty" nullable:"false" doc:"By the index of both sides."`
	Consistency   []CellFigures `json:"by_consistency" nullable:"false" doc:"By consistency alone, where ties were not asked about."`
}

// Warned is one customer with a warning and its evidence.
type Warned struct {
	ID              id.ID    `json:"id"`
	Code            string   `json:"code"`
	Name            string   `json:"name"`
	Warning         string   `json:"warning" enum:"rhythm,amount,both,share,rhythm_share,amount_share,all"`
	Strength        string   `json:"strength" enum:"strong,clear"`
	Chance          float64  `json:"chance"`
	Revenue         int64    `json:"revenue" doc:"Of the window, in minor units."`
	Silence         *int64   `json:"days_since_purchase"`
	Every           *float64 `json:"buys_every" doc:"Days, before the recent months."`
	Recent          *int64   `json:"purchases_recent"`
	Usual           *float64 `json:"purchases_usual"`
	Rhythm          *float64 `json:"rhythm_chance"`
	Change          *float64 `json:"amount_change"`
	Amounts         *float64 `json:"amount_chance"`
	ShareBefore     *float64 `json:"share_before"`
	ShareLately     *float64 `json:"share_lately"`
	PotentialChange *float64 `json:"potential_change"`
	ShareChance     *float64 `json:"share_chance"`
	ShareFellBy     *string  `json:"share_fell_by" enum:"purchases,potential,both"`
	OwnerName       string   `json:"owner_name"`
}

// Warnings are the early warnings of a date.
type Warnings struct {
	Rate     float64  `json:"rate"`
	Tested   int64    `json:"tested" doc:"Customers with enough purchases to tell a change from chance."`
	Untested int64    `json:"untested"`
	Expected float64  `json:"expected" doc:"False alarms to expect at most: rate × tested."`
	Strong   Sum      `json:"strong"`
	Clear    Sum      `json:"clear"`
	First    []Warned `json:"first" nullable:"false" doc:"The strongest, among them the largest."`
}

// Picture is loyalty of a date.
type Picture struct {
	AsOf         date.Date     `json:"as_of"`
	ComputedAt   time.Time     `json:"computed_at"`
	Currency     string        `json:"currency"`
	WindowMonths int           `json:"window_months"`
	Customers    int64         `json:"customers" doc:"Within the asker's reach and the filter."`
	Definition   Definition    `json:"definition" doc:"The settings that counted when the date was scored."`
	Period       Period        `json:"period" enum:"quarter,half_year,year"`
	Spans        []Span        `json:"spans" nullable:"false" doc:"The earliest first."`
	Parts        []Part        `json:"parts" nullable:"false" doc:"Of the latest period, by what was asked for."`
	Types        []TypeFigures `json:"types" nullable:"false"`
	Grid         []GridFigures `json:"grid" nullable:"false"`
	Matrix       Matrix        `json:"matrix"`
	Profile      Profile       `json:"profile"`
	Warnings     Warnings      `json:"warnings"`
}
