package allocation

import "math"

// Curve is a saturating response: return(s) = base + gain · (1 − e^(−rate·s)), the modified exponential of response models
// (Lilien, Rangaswamy, De Bruyn, Principles of Marketing Engineering). With gain and rate not negative it is concave: each
// further unit brings less.
type Curve struct {
	Base float64 `json:"base" doc:"Return without any spend."`
	Gain float64 `json:"gain" doc:"What unlimited spend would bring on top."`
	Rate float64 `json:"rate" doc:"How soon that is reached, per unit of spend."`
	RMSE float64 `json:"rmse" doc:"How far the given points lie from the curve: root of the mean squared difference."`
}

func (c Curve) at(spend float64) float64 { return c.Base - c.Gain*math.Expm1(-c.Rate*spend) }

// marginal is what the next unit brings at a spend.
func (c Curve) marginal(spend float64) float64 { return c.Gain * c.Rate * math.Exp(-c.Rate*spend) }

// reaching is the spend at which the next unit brings price; it may be below 0.
func (c Curve) reaching(price float64) float64 {
	if c.Gain <= 0 || c.Rate <= 0 {
		return math.Inf(-1)
	}
	return math.Log(c.Gain*c.Rate/price) / c.Rate
}

// fit finds the curve with the least squared distance from the points. For each rate base and gain are a linear regression;
// the rate is searched on a grid of logarithms and refined around its best by golden section. A gain below nothing counts as
// none: the curve is then level at the mean.
func fit(points []Point) Curve {
	widest := 0.0
	for _, p := range points {
		widest = max(widest, p.Spend)
	}
	if widest == 0 {
		return level(points)
	}
	// From nearly a straight line over what was tried to nearly a jump at its beginning.
	low, high := math.Log(1e-3/widest), math.Log(1e3/widest)
	const steps = 240
	width := (high - low) / steps
	at := func(x float64) float64 { return linear(points, math.Exp(x)).RMSE }
	best := low
	for i := range steps + 1 {
		if x := low + float64(i)*width; at(x) < at(best) {
			best = x
		}
	}
	a, b := max(low, best-width), min(high, best+width)
	ratio := (math.Sqrt(5) - 1) / 2
	for range 80 {
		c, d := b-ratio*(b-a), a+ratio*(b-a)
		if at(c) <= at(d) {
			b = d
		} else {
			a = c
		}
	}
	if found := linear(points, math.Exp((a+b)/2)); found.RMSE <= at(best) {
		return found
	}
	return linear(points, math.Exp(best))
}

// linear is the best curve of a rate.
func linear(points []Point, rate float64) Curve {
	n := float64(len(points))
	var mx, my float64
	for _, p := range points {
		mx, my = mx-math.Expm1(-rate*p.Spend)/n, my+p.Return/n
	}
	var xx, xy float64
	for _, p := range points {
		x := -math.Expm1(-rate*p.Spend) - mx
		xx, xy = xx+x*x, xy+x*(p.Return-my)
	}
	if xx <= 0 || xy <= 0 {
		return level(points)
	}
	c := Curve{Gain: xy / xx, Rate: rate}
	c.Base = my - c.Gain*mx
	c.RMSE = c.distance(points)
	return c
}

func level(points []Point) Curve {
	var c Curve
	for _, p := range points {
		c.Base += p.Return / float64(len(points))
	}
	c.RMSE = c.distance(points)
	return c
}

func (c Curve) distance(points []Point) float64 {
	sum := 0.0
	for _, p := range points {
		sum += (c.at(p.Spend) - p.Return) * (c.at(p.Spend) - p.Return)
	}
	return math.Sqrt(sum / float64(len(points)))
}
