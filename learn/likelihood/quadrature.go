package likelihood

import (
	"math"
	"sync"
)

// legendre16 is the rule that the special functions share; it is computed once and never changes.
var legendre16 = sync.OnceValue(func() Rule { return Legendre(16) })

// Rule is a quadrature rule on [0, 1]: the integral of f is about Σ W[i]·f(X[i]).
type Rule struct{ X, W []float64 }

// Legendre is the Gauss–Legendre rule of n points on [0, 1], exact for polynomials of degree 2n−1.
func Legendre(n int) Rule {
	r := Rule{make([]float64, n), make([]float64, n)}
	for i := range n {
		x := math.Cos(math.Pi * (float64(i) + 0.75) / (float64(n) + 0.5))
		var slope float64
		for range 100 {
			p, q := 1.0, 0.0
			for k := 1; k <= n; k++ {
				p, q = ((2*float64(k)-1)*x*p-(float64(k)-1)*q)/float64(k), p
			}
			slope = float64(n) * (x*p - q) / (x*x - 1)
			step := p / slope
			x -= step
			if math.Abs(step) < 1e-16 {
				break
			}
		}
		r.X[n-1-i] = (1 + x) / 2
		r.W[n-1-i] = 1 / ((1 - x*x) * slope * slope)
	}
	return r
}

// ExpectBeta is the mean of f(p) over p ~ Beta(a, b). f must be smooth on (0, 1) with finite values zero and one at the
// ends. The trapezoidal rule on the log-odds scale, after the straight line between the ends has been taken off, so that
// neither a → 0 nor b → 0 hurts.
func ExpectBeta(a, b, zero, one float64, f func(p float64) float64) float64 {
	norm := LogBeta(a, b)
	spread := math.Sqrt(Trigamma(a) + Trigamma(b)) // of the log-odds
	step := math.Min(0.25, spread/6)
	centre := Digamma(a) - Digamma(b)
	centre = math.Max(-30, math.Min(30, centre))
	narrow := a > 3 && b > 3 // both tails die out quickly: weights can be normed by their own sum
	if narrow {
		zero, one, norm = 0, 0, -(a*math.Log1p(math.Exp(-centre)) + b*math.Log1p(math.Exp(centre)))
	}
	sum, weights := 0.0, 0.0
	for _, direction := range [2]float64{1, -1} {
		quiet := 0
		for i := 0; i < 100_000; i++ {
			if i == 0 && direction < 0 {
				continue
			}
			v := centre + direction*float64(i)*step
			lp, lq := -math.Log1p(math.Exp(-v)), -math.Log1p(math.Exp(v))
			p := math.Exp(lp)
			w := math.Exp(a*lp + b*lq - norm)
			term := w * (f(p) - zero - (one-zero)*p)
			sum += term
			weights += w
			// The rest falls at least as fast as p (or 1−p): stop when it cannot matter any more.
			if math.Abs(term) <= 1e-17*math.Abs(sum) || w*math.Exp(math.Min(lp, lq)) < 1e-22 {
				quiet++
			} else {
				quiet = 0
			}
			if quiet > 8 {
				break
			}
		}
	}
	if narrow {
		return sum / weights
	}
	return zero + (one-zero)*a/(a+b) + sum*step
}

// ExpectGamma is the mean of f(λ) over λ ~ Gamma(shape, rate), for an f that vanishes at least as fast as λ at zero and
// stays bounded. The trapezoidal rule on the logarithmic scale.
func ExpectGamma(shape, rate float64, f func(x float64) float64) float64 {
	step := math.Min(0.25, 0.6/math.Sqrt(shape))
	centre := math.Log(shape / rate)
	// e^{shape·(v−centre) − shape·(e^{v−centre}−1)} relative to its peak; the norm is the same integral of f = 1.
	norm := shape*math.Log(shape) - shape - LogGamma(shape)
	if shape > 50 {
		norm = 0.5*math.Log(shape/(2*math.Pi)) - stirling(shape)
	}
	sum := 0.0
	for _, direction := range [2]float64{1, -1} {
		quiet := 0
		for i := 0; i < 100_000; i++ {
			if i == 0 && direction < 0 {
				continue
			}
			d := direction * float64(i) * step
			w := math.Exp(norm + shape*(d-math.Expm1(d)))
			term := w * f(math.Exp(centre+d))
			sum += term
			if math.Abs(term) <= 1e-17*math.Abs(sum) {
				quiet++
			} else {
				quiet = 0
			}
			if quiet > 4 {
				break
			}
		}
	}
	return sum * step
}
