package profit

import "github.com/kvadrant/kvadrant/internal/money"

// Cell is a field of the profit opportunity matrix. Amounts are minor units.
type Cell struct {
	Class        Class    `json:"class" enum:"high,medium,low,all"`
	State        State    `json:"state" enum:"new,won_back,retained,lost,all"`
	Customers    int64    `json:"customers"`
	Base         int64    `json:"base" doc:"Their profit in the base period."`
	Later        int64    `json:"later" doc:"Their profit in the later period."`
	Contribution int64    `json:"contribution" doc:"later − base."`
	Share        *float64 `json:"share" doc:"The contribution of the profit of the base period, 1 is all of it; null where that was not above nothing."`
}

// All names the row and the column of totals.
const (
	AllClasses Class = "all"
	AllStates  State = "all"
)

// Opportunity is the profit opportunity matrix (P8): how much new, retained and lost customers of each class added to the profit
// of the base period, or took from it.
type Opportunity struct {
	BasePeriod  Span   `json:"base_period"`
	LaterPeriod Span   `json:"later_period"`
	Base        int64  `json:"base" doc:"Profit of those who bought in the base period, minor units."`
	High        int64  `json:"high" doc:"From this profit on a customer is high; minor units."`
	Medium      int64  `json:"medium" doc:"From this profit on a customer is medium."`
	Untold      int64  `json:"untold" doc:"Customers who are left out because their purchases say no cost."`
	Cells       []Cell `json:"cells" nullable:"false" doc:"By class from high to low and all, each with new, won back, retained, lost and all. A customer is classed by its profit in the base period where it bought in it, else by that in the later one."`
}

// contribution is a cell in fine units.
type contribution struct {
	class                  Class
	state                  State
	customers, base, later int64
	untold                 int64
}

// cellsOf reads the cells from the summary of one version.
func cellsOf(parts []part) []contribution {
	var all []contribution
	for _, p := range parts {
		c := contribution{class: p.class, state: p.state}
		switch p.state {
		case New, WonBack:
			c.customers, c.later = p.told, p.profit
		case Lost:
			c.customers, c.base = p.toldBefore, p.before
		case Retained:
			c.customers, c.base, c.later = p.pairs, p.pairBefore, p.pairProfit
		default:
			continue
		}
		c.untold = p.customers - c.customers
		all = append(all, c)
	}
	return all
}

// opportunity draws the matrix.
func opportunity(all []contribution, k kept, base, later Span, currency string) Opportunity {
	o := Opportunity{BasePeriod: base, LaterPeriod: later, High: money.Minor(k.High, currency), Medium: money.Minor(k.Medium, currency), Cells: []Cell{}}
	var whole int64
	for _, c := range all {
		whole += c.base
		o.Untold += c.untold
	}
	o.Base = money.Minor(whole, currency)
	for _, class := range append(Classes(), AllClasses) {
		for _, state := range []State{New, WonBack, Retained, Lost, AllStates} {
			var sum contribution
			for _, c := range all {
				if (class == AllClasses || c.class == class) && (state == AllStates || c.state == state) {
					sum.customers, sum.base, sum.later = sum.customers+c.customers, sum.base+c.base, sum.later+c.later
				}
			}
			cell := Cell{Class: class, State: state, Customers: sum.customers, Base: money.Minor(sum.base, currency), Later: money.Minor(sum.later, currency),
				Contribution: money.Minor(sum.later-sum.base, currency)}
			if whole > 0 {
				share := float64(sum.later-sum.base) / float64(whole)
				cell.Share = &share
			}
			o.Cells = append(o.Cells, cell)
		}
	}
	return o
}
