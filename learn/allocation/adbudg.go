package allocation

import "math"

// Adbudg is the response curve of Little ("Models and managers: the concept of a decision calculus", Management Science 16,
// 1970): return(s) = b0 + (b1 − b0) · s^c ÷ (d + s^c). It begins at b0 without any spend, never passes b1, and is S-shaped
// where c is above 1. d is half^c, so half is the spend that brings half of what can be won.
type Adbudg struct {
	Base       float64 `json:"base" doc:"b0: return without any spend."`
	Saturation float64 `json:"saturation" doc:"b1: return however much is spent."`
	Shape      float64 `json:"shape" doc:"c: above 1 the first units bring less than the next, up to 1 each brings less than the one before."`
	Half       float64 `json:"half" doc:"The spend that brings half of what can be won; half to the power of c is d."`
	RMSE       float64 `json:"rmse" doc:"How far the given points lie from the curve: root of the mean squared difference."`
	Drawn      []Point `json:"drawn" nullable:"false" doc:"The curve from no spend to the highest given one."`
}

func (a Adbudg) at(spend float64) float64 {
	if spend <= 0 {
		return a.Base
	}
	return a.Base + (a.Saturation-a.Base)/(1+math.Exp(-a.Shape*math.Log(spend/a.Half)))
}

// judgment says in words why the points of a segment make no such curve; empty where they do.
func (s Segment) judgment() string {
	points := s.given()
	needs := 4
	if s.Saturation != nil {
		needs = 3
	}
	switch {
	case points[0].Spend != 0:
		return "Give the return without any spend too: the curve begins there."
	case len(points) < needs && s.Saturation == nil:
		return "Give the returns at four spends, or at three and the return however much is spent: the curve has four numbers to find."
	case len(points) < needs:
		return "Give the returns at no spend and at two spends above it."
	}
	for i := 1; i < len(points); i++ {
		if points[i].Return <= points[i-1].Return {
			return "The return at a spend of " + digits(points[i].Spend) + " is not above that at " + digits(points[i-1].Spend) + ", and the curve only rises. Correct it, or go by the points."
		}
	}
	if s.Saturation != nil && *s.Saturation <= points[len(points)-1].Return {
		return "The return however much is spent has to lie above all others."
	}
	return ""
}

// fitAdbudg finds the curve through judgments that Segment.judgment has nothing against. The base is the return without spend.
// Of a saturation the other two numbers follow from a straight line: the logarithm of (y − b0) ÷ (b1 − y) is c·ln s − ln d, each
// point weighed by how far the return moves with it. Four judgments, of no spend, two spends and saturation, give it exactly. A
// saturation that nobody judged is searched for where the returns lie nearest.
func fitAdbudg(s Segment) Adbudg {
	points := s.given()
	base, rest := points[0].Return, points[1:]
	if s.Saturation != nil {
		return odds(base, *s.Saturation, rest, points)
	}
	top := rest[len(rest)-1].Return
	// From hardly above the highest return to where the points lie on the curve's first beginning.
	at := func(x float64) Adbudg { return odds(base, top+(top-base)*math.Exp(x), rest, points) }
	low, high := math.Log(1e-4), math.Log(1e3)
	const steps = 400
	width := (high - low) / steps
	best := low
	for i := range steps + 1 {
		if x := low + float64(i)*width; at(x).RMSE < at(best).RMSE {
			best = x
		}
	}
	a, b := best-width, best+width
	ratio := (math.Sqrt(5) - 1) / 2
	for range 80 {
		if c, d := b-ratio*(b-a), a+ratio*(b-a); at(c).RMSE <= at(d).RMSE {
			b = d
		} else {
			a = c
		}
	}
	if found := at((a + b) / 2); found.RMSE <= at(best).RMSE {
		return found
	}
	return at(best)
}

// odds is the curve of a saturation.
func odds(base, saturation float64, rest, points []Point) Adbudg {
	var n, mx, my float64
	each := func(do func(weight, x, y float64)) {
		for _, p := range rest {
			won, open := p.Return-base, saturation-p.Return
			moves := won * open / (saturation - base)
			do(moves*moves, math.Log(p.Spend), math.Log(won/open))
		}
	}
	each(func(w, x, y float64) { n, mx, my = n+w, mx+w*x, my+w*y })
	mx, my = mx/n, my/n
	var xx, xy float64
	each(func(w, x, y float64) { xx, xy = xx+w*(x-mx)*(x-mx), xy+w*(x-mx)*(y-my) })
	a := Adbudg{Base: base, Saturation: saturation, Shape: xy / xx}
	a.Half = math.Exp(mx - my/a.Shape)
	sum := 0.0
	for _, p := range points {
		sum += (a.at(p.Spend) - p.Return) * (a.at(p.Spend) - p.Return)
	}
	a.RMSE = math.Sqrt(sum / float64(len(points)))
	return a
}

// drawnPoints is in how many steps a curve is drawn and spent along: each is so small that its ends bring about the same.
const drawnPoints = 400

// draw gives the points of the curve up to the highest given spend, bounds of the spend among them.
func (a Adbudg) draw(s Segment) []Point {
	given := s.given()
	last := given[len(given)-1].Spend
	all := []Point{}
	for i := range drawnPoints + 1 {
		spend := last * float64(i) / drawnPoints
		all = append(all, Point{spend, a.at(spend)})
	}
	return all
}
