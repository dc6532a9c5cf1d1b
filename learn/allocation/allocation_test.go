package allocation_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/learn/allocation"
)

func of(x float64) *float64 { return &x }

func points(pairs ...float64) []allocation.Point {
	var all []allocation.Point
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, allocation.Point{Spend: pairs[i], Return: pairs[i+1]})
	}
	return all
}

// source are the five segments of P6 with the three spends of the strategies A, B and C.
func source(customers int64) []allocation.Segment {
	segment := func(name string, pairs ...float64) allocation.Segment {
		return allocation.Segment{Name: name, Customers: customers, Points: points(pairs...)}
	}
	return []allocation.Segment{segment("1", 0, 774, 15, 1055, 40, 1285), segment("2", 0, 502, 15, 684, 20, 713), segment("3", 0, 274, 15, 374, 10, 357),
		segment("4", 0, 96, 15, 131, 5, 120), segment("5", 0, 18, 15, 24, 0, 21)}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*max(1, math.Abs(a), math.Abs(b)) }

// P6: A brings 332.8 a customer, B 453.6, C 499.2; on the money of B and C the best is C: 40, 20, 10, 5 and 0.
func TestFinancingStrategiesP6(t *testing.T) {
	for _, customers := range []int64{1, 200, 1_000_000} {
		p := allocation.Problem{Budget: 15 * 5 * float64(customers), Method: allocation.ByPoints, Segments: source(customers)}
		for i := range p.Segments {
			p.Segments[i].Now = of(0)
		}
		plan, err := allocation.Solve(p)
		if err != nil {
			t.Fatal(err)
		}
		if plan.Best.MeanReturn < 499.2-1e-9 || !near(plan.Best.MeanSpend, 15) || plan.Left > 1e-6 {
			t.Errorf("%d customers: mean return %v on %v, %v left; want 499.2 on 15", customers, plan.Best.MeanReturn, plan.Best.MeanSpend, plan.Left)
		}
		for i, want := range []float64{40, 20, 10, 5, 0} {
			if !near(plan.Shares[i].Spend, want) || len(plan.Shares[i].Parts) != 1 {
				t.Errorf("segment %d gets %v in %v, want %v", i+1, plan.Shares[i].Spend, plan.Shares[i].Parts, want)
			}
		}
		if !near(plan.Even.MeanReturn, 453.6) || plan.Now == nil || !near(plan.Now.MeanReturn, 333.4) { // 18 and 21 stand for the same spend: the higher counts
			t.Errorf("even %v, today %+v", plan.Even.MeanReturn, plan.Now)
		}
		// The next unit goes to segment 3 from 10 to 15: 17 for 5.
		if !near(plan.ShadowPrice, 17.0/5) {
			t.Errorf("shadow price %v, want 3.4", plan.ShadowPrice)
		}
		if first := plan.Ladder[0]; first.Name != "1" || first.From != 0 || first.To != 15 || !near(first.Marginal, 281.0/15) || first.Taken != 1 {
			t.Errorf("the first step is %+v", first)
		}
		if a, err := allocation.Solve(allocation.Problem{Budget: 0, Method: allocation.ByPoints, Segments: source(customers)}); err != nil || !near(a.Best.MeanReturn, 333.4) {
			t.Errorf("without money %v, %v", a.Best.MeanReturn, err)
		}
	}
}

// Capacity, least service and mixing: worked by hand.
func TestBounds(t *testing.T) {
	two := func() []allocation.Segment {
		return []allocation.Segment{
			{Name: "a", Customers: 10, Points: points(0, 0, 10, 100)},
			{Name: "b", Customers: 10, Points: points(0, 0, 10, 50)},
		}
	}
	for _, c := range []struct {
		name   string
		change func(p *allocation.Problem)
		spend  [2]float64
		total  float64
	}{
		{"the steeper first", func(*allocation.Problem) {}, [2]float64{10, 0}, 1000},
		{"half of b gets 10", func(p *allocation.Problem) { p.Budget = 150 }, [2]float64{10, 5}, 1250},
		{"more money than can be spent", func(p *allocation.Problem) { p.Budget = 1000 }, [2]float64{10, 10}, 1500},
		{"b is served at least", func(p *allocation.Problem) { p.Segments[1].Least = 4 }, [2]float64{6, 4}, 800},
		{"a most", func(p *allocation.Problem) { p.Segments[0].Most = of(3) }, [2]float64{3, 7}, 650},
		{"ten contacts at 5", func(p *allocation.Problem) { p.Segments[0].Contacts, p.Segments[0].ContactCost = of(10), of(5) }, [2]float64{5, 5}, 750},
		{"nobody in a", func(p *allocation.Problem) { p.Segments[0].Customers = 0 }, [2]float64{0, 10}, 500},
		{"a falls again", func(p *allocation.Problem) { p.Segments[0].Points = points(0, 0, 5, 100, 10, 20) }, [2]float64{5, 5}, 1250},
		{"a hump in b is bridged by mixing", func(p *allocation.Problem) { p.Segments[1].Points = points(0, 0, 5, 1, 10, 200) }, [2]float64{0, 10}, 2000},
		{"not worth it", func(p *allocation.Problem) {
			p.Gross, p.Budget, p.Segments[1].Points = true, 200, points(0, 0, 10, 9)
		}, [2]float64{10, 0}, 1000},
	} {
		p := allocation.Problem{Budget: 100, Method: allocation.ByPoints, Segments: two()}
		c.change(&p)
		plan, err := allocation.Solve(p)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !near(plan.Shares[0].Spend, c.spend[0]) || !near(plan.Shares[1].Spend, c.spend[1]) || !near(plan.Best.Return, c.total) {
			t.Errorf("%s: %v and %v bring %v, want %v bringing %v", c.name, plan.Shares[0].Spend, plan.Shares[1].Spend, plan.Best.Return, c.spend, c.total)
		}
	}
	p := allocation.Problem{Budget: 150, Method: allocation.ByPoints, Segments: two()}
	plan, err := allocation.Solve(p)
	if parts := plan.Shares[1].Parts; err != nil || !slices.Equal(parts, []allocation.Part{{Customers: 5, Spend: 0}, {Customers: 5, Spend: 10}}) {
		t.Errorf("half of b: %+v, %v", parts, err)
	}
}

// drawn is a small problem with whole numbers.
func drawn(t *rapid.T) allocation.Problem {
	p := allocation.Problem{Method: allocation.ByPoints}
	for i := range rapid.IntRange(1, 3).Draw(t, "segments") {
		s := allocation.Segment{Name: fmt.Sprint(i), Customers: int64(rapid.IntRange(0, 4).Draw(t, "customers")), Points: points(0, float64(rapid.IntRange(-20, 50).Draw(t, "base")))}
		spend := 0
		for range rapid.IntRange(0, 3).Draw(t, "points") {
			spend += rapid.IntRange(1, 4).Draw(t, "step")
			s.Points = append(s.Points, allocation.Point{Spend: float64(spend), Return: float64(rapid.IntRange(-20, 100).Draw(t, "return"))})
		}
		p.Segments = append(p.Segments, s)
	}
	p.Budget = float64(rapid.IntRange(0, 60).Draw(t, "budget"))
	return p
}

// brute is the best total of all ways in which each customer gets one of the given spends: a set of dynamic programming over
// money, one customer after the other.
func brute(p allocation.Problem) float64 {
	best := make([]float64, int(p.Budget)+1)
	for _, s := range p.Segments {
		for range s.Customers {
			next := make([]float64, len(best))
			for b := range next {
				next[b] = math.Inf(-1)
				for _, point := range s.Points {
					if cost := int(point.Spend); cost <= b {
						next[b] = max(next[b], best[b-cost]+point.Return)
					}
				}
			}
			best = next
		}
	}
	return best[len(best)-1]
}

// No way of giving each customer one of the given spends brings more; the budget holds; more money never brings less; and the
// even spread is never better.
func TestAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		plan, err := allocation.Solve(p)
		if err != nil {
			t.Fatal(err)
		}
		exact := brute(p)
		if plan.Best.Return < exact-1e-6 {
			t.Fatalf("%v is worse than %v, which whole customers reach", plan.Best.Return, exact)
		}
		// Mixing gains at most a part of one customer's step: the same budget rounded up to it is enough for whole customers.
		steepest := 0.0
		for _, step := range plan.Ladder {
			steepest = max(steepest, step.Marginal*(step.To-step.From))
		}
		if plan.Best.Return > exact+steepest+1e-6 {
			t.Fatalf("%v is more than %v by more than one customer's step %v", plan.Best.Return, exact, steepest)
		}
		sound(t, p, plan)
	})
}

type fataler interface {
	Fatalf(format string, args ...any)
}

// sound holds for every plan.
func sound(t fataler, p allocation.Problem, plan allocation.Plan) {
	money, total := 0.0, 0.0
	for i, s := range plan.Shares {
		if s.Spend < p.Segments[i].Least-1e-9 || math.IsNaN(s.Spend) || math.IsNaN(s.Return) {
			t.Fatalf("segment %s gets %v, at least %v", s.Name, s.Spend, p.Segments[i].Least)
		}
		money, total = money+s.Money, total+s.Total
		parts := 0.0
		for _, part := range s.Parts {
			parts += part.Customers
		}
		if !near(parts, float64(s.Customers)) {
			t.Fatalf("segment %s: the parts %v do not make %d customers", s.Name, s.Parts, s.Customers)
		}
	}
	if money > p.Budget*(1+1e-9)+1e-6 || !near(money, plan.Best.Spend) || !near(total, plan.Best.Return) {
		t.Fatalf("spends %v of %v (says %v), returns %v (says %v)", money, p.Budget, plan.Best.Spend, total, plan.Best.Return)
	}
	net := func(x allocation.Totals) float64 {
		if p.Gross {
			return x.Return - x.Spend
		}
		return x.Return
	}
	if net(plan.Best) < net(plan.Even)-1e-6*max(1, math.Abs(net(plan.Even))) {
		t.Fatalf("%v is worse than the even spread's %v", plan.Best, plan.Even)
	}
	for i := 1; i < len(plan.Sensitivity); i++ {
		a, b := plan.Sensitivity[i-1], plan.Sensitivity[i]
		if b.Return < a.Return-1e-6*max(1, math.Abs(a.Return)) || b.Price > a.Price*(1+1e-6)+1e-9 {
			t.Fatalf("more money brings less: %+v then %+v", a, b)
		}
	}
}

// Curves: the plan meets the conditions of a maximum (equal marginal returns inside the bounds), and no shift of money between
// two segments brings more.
func TestCurves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := allocation.Problem{Method: allocation.ByCurve, Gross: rapid.Bool().Draw(t, "gross")}
		most := 0.0
		for i := range rapid.IntRange(2, 4).Draw(t, "segments") {
			base, gain, rate := rapid.Float64Range(0, 100).Draw(t, "base"), rapid.Float64Range(1, 1000).Draw(t, "gain"), rapid.Float64Range(0.02, 0.3).Draw(t, "rate")
			s := allocation.Segment{Name: fmt.Sprint(i), Customers: int64(rapid.IntRange(1, 1000).Draw(t, "customers")), Least: float64(rapid.IntRange(0, 5).Draw(t, "least"))}
			for _, spend := range []float64{0, 5, 10, 20, 40} {
				s.Points = append(s.Points, allocation.Point{Spend: spend, Return: base + gain*(1-math.Exp(-rate*spend))})
			}
			most += 40 * float64(s.Customers)
			p.Budget += s.Least * float64(s.Customers)
			p.Segments = append(p.Segments, s)
		}
		p.Budget += (most - p.Budget) * rapid.Float64Range(0, 1).Draw(t, "budget")
		plan, err := allocation.Solve(p)
		if err != nil {
			t.Fatal(err)
		}
		sound(t, p, plan)
		for i, s := range plan.Shares {
			if c := s.Curve; c.RMSE > 1e-3*c.Gain {
				t.Fatalf("the curve of exact points is off by %v: %+v", c.RMSE, c)
			}
			inside := s.Spend > p.Segments[i].Least+1e-6 && s.Spend < 40-1e-6
			if inside && plan.ShadowPrice > 0 && math.Abs(s.Marginal-plan.ShadowPrice) > 1e-4*plan.ShadowPrice {
				t.Fatalf("segment %s brings %v for the next unit, the price is %v", s.Name, s.Marginal, plan.ShadowPrice)
			}
		}
	})
}

// A curve recovers what made its points, and a segment that more money harms is level.
func TestFit(t *testing.T) {
	s := []allocation.Segment{
		{Name: "a", Customers: 1, Points: points(0, 100, 5, 100+300*(1-math.Exp(-0.5)), 10, 100+300*(1-math.Exp(-1)), 30, 100+300*(1-math.Exp(-3)))},
		{Name: "b", Customers: 1, Points: points(0, 30, 5, 20, 10, 10)},
	}
	plan, err := allocation.Solve(allocation.Problem{Budget: 1000, Method: allocation.ByCurve, Segments: s})
	if err != nil {
		t.Fatal(err)
	}
	a, b := plan.Shares[0].Curve, plan.Shares[1].Curve
	if math.Abs(a.Base-100) > 0.01 || math.Abs(a.Gain-300) > 0.05 || math.Abs(a.Rate-0.1) > 1e-4 || a.RMSE > 0.01 {
		t.Errorf("fitted %+v, want 100 + 300 (1 − e^−0.1 s)", a)
	}
	if b.Gain != 0 || b.Base != 20 || plan.Shares[1].Spend != 0 || plan.Shares[0].Spend != 30 {
		t.Errorf("level: %+v, spend %v and %v", b, plan.Shares[0].Spend, plan.Shares[1].Spend)
	}
}

// Little's four judgments, of no spend, two spends and saturation, lie on the curve exactly; without a judged saturation it is
// found from four spends. A curve that is S-shaped gives its money to a part of the customers, for all of whom it is too little.
func TestAdbudg(t *testing.T) {
	curve := func(s float64) float64 { return 100 + 400*s*s*s/(8000+s*s*s) } // half of 400 at 20
	judged := []allocation.Point{{Return: 100}}
	for _, s := range []float64{10, 15} {
		judged = append(judged, allocation.Point{Spend: s, Return: curve(s)})
	}
	for _, x := range []struct {
		name       string
		points     []allocation.Point
		saturation *float64
		within     float64
	}{
		{"four judgments", judged, of(500), 1e-9},
		{"five, none of saturation", append(slices.Clone(judged), allocation.Point{Spend: 25, Return: curve(25)}, allocation.Point{Spend: 60, Return: curve(60)}), nil, 1e-3},
		{"four, none of saturation", append(slices.Clone(judged), allocation.Point{Spend: 60, Return: curve(60)}), nil, 1e-2},
	} {
		plan, err := allocation.Solve(allocation.Problem{Budget: 1000, Method: allocation.ByAdbudg, Segments: []allocation.Segment{{Name: "a", Customers: 100, Points: x.points, Saturation: x.saturation}}})
		if err != nil {
			t.Fatal(err)
		}
		a := plan.Shares[0].Adbudg
		for _, y := range []struct{ got, want float64 }{{a.Base, 100}, {a.Saturation, 500}, {a.Shape, 3}, {a.Half, 20}, {100 + a.RMSE, 100}} {
			if math.Abs(y.got-y.want) > x.within*y.want {
				t.Errorf("%s: %+v", x.name, a)
			}
		}
		for i := 1; i < len(a.Drawn); i++ {
			if a.Drawn[i].Return < a.Drawn[i-1].Return {
				t.Fatalf("%s falls from %+v to %+v", x.name, a.Drawn[i-1], a.Drawn[i])
			}
		}
	}
	// 10 each of a hundred customers brings 100 + 400/9. On the line from no spend to where it touches the curve, at the spend s
	// with (s³ ÷ (8000 + s³)) ÷ s highest, s = 20 × 2^(1/3), more is had: those get s, the rest nothing.
	plan, err := allocation.Solve(allocation.Problem{Budget: 1000, Method: allocation.ByAdbudg,
		Segments: []allocation.Segment{{Name: "a", Customers: 100, Points: append(judged, allocation.Point{Spend: 60, Return: curve(60)}), Saturation: of(500)}}})
	if err != nil {
		t.Fatal(err)
	}
	best := 20 * math.Cbrt(2)
	share := plan.Shares[0]
	if len(share.Parts) != 2 || share.Parts[0].Spend != 0 || math.Abs(share.Parts[1].Spend-best) > 0.16 || math.Abs(share.Return-(100+10/best*400*2/3)) > 0.1 || math.Abs(share.Even-(100+400.0/9)) > 0.05 {
		t.Errorf("%+v, want parts at 0 and %v", share, best)
	}
}

// Judgments that make no curve are refused in words.
func TestAdbudgOfTooLittle(t *testing.T) {
	for _, x := range []struct {
		points     []allocation.Point
		saturation *float64
		says       string
	}{
		{points(0, 1, 5, 2, 10, 3), nil, "four spends"},
		{points(0, 1, 5, 2), of(9), "two spends above it"},
		{points(0, 1, 5, 2, 10, 2, 20, 3), nil, "The return at a spend of 10 is not above that at 5"},
		{points(0, 1, 5, 2, 10, 3), of(3), "above all others"},
		{points(5, 1, 10, 2, 20, 3, 30, 4), nil, "without any spend"},
	} {
		s := allocation.Segment{Name: "a", Customers: 1, Points: x.points, Saturation: x.saturation, Least: x.points[0].Spend}
		_, err := allocation.Solve(allocation.Problem{Budget: 100, Method: allocation.ByAdbudg, Segments: []allocation.Segment{s}})
		f := fault.Of(err)
		if f == nil || len(f.Fields) == 0 || !strings.Contains(f.Fields[0].Detail, x.says) {
			t.Errorf("%+v: %+v, want it to say %q", x.points, f, x.says)
		}
	}
}

// What cannot stand is refused with the place; what is merely odd is worked out.
func TestHostile(t *testing.T) {
	good := func() allocation.Problem {
		return allocation.Problem{Budget: 10, Method: allocation.ByPoints, Segments: []allocation.Segment{{Name: "a", Customers: 1, Points: points(0, 1, 5, 9)}}}
	}
	for _, c := range []struct {
		field  string
		change func(p *allocation.Problem)
	}{
		{"budget", func(p *allocation.Problem) { p.Budget = -1 }},
		{"budget", func(p *allocation.Problem) { p.Budget = math.NaN() }},
		{"budget", func(p *allocation.Problem) { p.Budget = math.Inf(1) }},
		{"method", func(p *allocation.Problem) { p.Method = "guess" }},
		{"segments", func(p *allocation.Problem) { p.Segments = nil }},
		{"segments[0].name", func(p *allocation.Problem) { p.Segments[0].Name = "  " }},
		{"segments[1].name", func(p *allocation.Problem) { p.Segments = append(p.Segments, p.Segments[0]) }},
		{"segments[0].customers", func(p *allocation.Problem) { p.Segments[0].Customers = -1 }},
		{"segments[0].points", func(p *allocation.Problem) { p.Segments[0].Points = nil }},
		{"segments[0].points[1]", func(p *allocation.Problem) { p.Segments[0].Points[1].Return = math.NaN() }},
		{"segments[0].points[1]", func(p *allocation.Problem) { p.Segments[0].Points[1].Spend = -5 }},
		{"segments[0].points[0]", func(p *allocation.Problem) { p.Segments[0].Points[0].Return = 1e300 }},
		{"segments[0].points", func(p *allocation.Problem) { p.Segments[0].Points = points(3, 1, 5, 9) }},
		{"segments[0].least", func(p *allocation.Problem) { p.Segments[0].Least = 6 }},
		{"segments[0].least", func(p *allocation.Problem) { p.Segments[0].Least, p.Segments[0].Most = 3, of(2) }},
		{"segments[0].least", func(p *allocation.Problem) { p.Segments[0].Least = math.NaN() }},
		{"segments[0].most", func(p *allocation.Problem) { p.Segments[0].Most = of(math.NaN()) }},
		{"segments[0].contact_cost", func(p *allocation.Problem) { p.Segments[0].Contacts = of(3) }},
		{"segments[0].points", func(p *allocation.Problem) { p.Method = allocation.ByCurve }},
		{"budget", func(p *allocation.Problem) { p.Segments[0].Least, p.Segments[0].Customers = 5, 100 }},
	} {
		p := good()
		c.change(&p)
		_, err := allocation.Solve(p)
		var f *fault.Fault
		if !errors.As(err, &f) || f.Kind != fault.Invalid || !slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Path == c.field }) {
			t.Errorf("%s: %v", c.field, err)
		}
		if err != nil && strings.Contains(err.Error(), "NaN") {
			t.Errorf("developer's language: %v", err)
		}
	}
	for name, p := range map[string]allocation.Problem{
		"one point":    {Budget: 10, Method: allocation.ByPoints, Segments: []allocation.Segment{{Name: "a", Customers: 5, Points: points(0, 7)}}},
		"one, a curve": {Budget: 10, Method: allocation.ByCurve, Segments: []allocation.Segment{{Name: "a", Customers: 5, Points: points(0, 7)}}},
		"nobody":       {Budget: 10, Method: allocation.ByCurve, Segments: []allocation.Segment{{Name: "a", Points: points(0, 7, 1, 8, 2, 9)}}},
		"huge": {Budget: 1e15, Method: allocation.ByPoints, Segments: []allocation.Segment{{Name: "a", Customers: 1e9, Points: points(0, -1e12, 1e9, 1e12)},
			{Name: "b", Customers: 1, Points: points(0, 0, 1e-9, 1e12)}}},
		"huge, curves": {Budget: 1e15, Method: allocation.ByCurve, Segments: []allocation.Segment{{Name: "a", Customers: 1e9, Points: points(0, -1e12, 5e8, 9e11, 1e9, 1e12)},
			{Name: "b", Customers: 3, Points: points(0, 0, 1e-9, 1e12, 1, 1e12)}}},
		"the same point twice": {Budget: 1, Method: allocation.ByPoints, Segments: []allocation.Segment{{Name: "a", Customers: 1, Points: points(0, 1, 0, 1, 1, 2, 1, 2)}}},
	} {
		plan, err := allocation.Solve(p)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sound(t, p, plan)
	}
}
