package likelihood

import "math"

// Digamma is ψ(x), the derivative of ln Γ(x), for x > 0. Recurrence to x ≥ 10, then the asymptotic series of Abramowitz
// and Stegun 6.3.18; relative error below 1e-14 away from its root at 1.4616.
func Digamma(x float64) float64 {
	shift := 0.0
	for x < 10 {
		shift += 1 / x
		x++
	}
	i := 1 / (x * x)
	return math.Log(x) - 0.5/x - i*(1./12-i*(1./120-i*(1./252-i*(1./240-i*(1./132-i*691./32760))))) - shift
}

// Trigamma is ψ′(x), the second derivative of ln Γ(x), for x > 0 (Abramowitz and Stegun 6.4.12).
func Trigamma(x float64) float64 {
	shift := 0.0
	for x < 10 {
		shift += 1 / (x * x)
		x++
	}
	i := 1 / (x * x)
	return shift + 1/x + i/2 + i/x*(1./6-i*(1./30-i*(1./42-i*(1./30-i*(5./66-i*691./2730)))))
}

// LogGamma is ln Γ(x) for x > 0.
func LogGamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

// fewFactors is up to how many factors (b)(b+1)… are multiplied out instead of taking a difference of large numbers.
const fewFactors = 16

// LogGammaRatio is ln Γ(b+x) − ln Γ(b), the logarithm of the rising factorial (b)ₓ, for b > 0 and x ≥ 0. It keeps its
// digits where the two terms are large and nearly alike.
func LogGammaRatio(b, x float64) float64 {
	switch {
	case x == 0:
		return 0
	case x <= fewFactors && x == math.Trunc(x) && b < 1e15:
		p := 1.0
		for i := range int(x) {
			p *= b + float64(i)
		}
		return math.Log(p)
	case b < 20:
		return LogGamma(b+x) - LogGamma(b)
	}
	return (b-0.5)*math.Log1p(x/b) + x*math.Log(b+x) - x + stirling(b+x) - stirling(b)
}

// stirling is what Stirling's formula for ln Γ(x) leaves over, for x ≥ 20.
func stirling(x float64) float64 {
	i := 1 / (x * x)
	return (1./12 - i*(1./360-i*(1./1260-i/1680))) / x
}

// DigammaRatio gives the first and second derivative of LogGammaRatio by b: ψ(b+x) − ψ(b) and ψ′(b+x) − ψ′(b).
func DigammaRatio(b, x float64) (first, second float64) {
	if x <= fewFactors && x == math.Trunc(x) {
		for i := range int(x) {
			v := 1 / (b + float64(i))
			first += v
			second -= v * v
		}
		return first, second
	}
	return Digamma(b+x) - Digamma(b), Trigamma(b+x) - Trigamma(b)
}

// LogBeta is ln B(a, b) for a, b > 0.
func LogBeta(a, b float64) float64 {
	if a > b {
		a, b = b, a
	}
	return LogGamma(a) - LogGammaRatio(b, a)
}

// LogBetaRatio is ln B(a+x, b+y) − ln B(a, b) for a, b > 0 and x, y ≥ 0.
func LogBetaRatio(a, b, x, y float64) float64 {
	return LogGammaRatio(a, x) + LogGammaRatio(b, y) - LogGammaRatio(a+b, x+y)
}

// IncompleteBeta is the regularised incomplete beta function I_z(a, b), 0 ≤ z ≤ 1, a, b > 0: the chance that a beta
// variable is at most z, and that a negative binomial count of shape b reaches a. Continued fraction of DiDonato and
// Morris (1992) by Lentz's method.
func IncompleteBeta(z, a, b float64) float64 {
	switch {
	case z <= 0:
		return 0
	case z >= 1:
		return 1
	case z > (a+1)/(a+b+2):
		return 1 - betaTail(1-z, b, a)
	}
	return betaTail(z, a, b)
}

func betaTail(z, a, b float64) float64 {
	front := math.Exp(a*math.Log(z) + b*math.Log1p(-z) - LogBeta(a, b))
	if front == 0 {
		return 0
	}
	const tiny = 1e-300
	c, d := 1.0, 1-(a+b)*z/(a+1)
	if math.Abs(d) < tiny {
		d = tiny
	}
	d = 1 / d
	f := d
	for i := 1; i <= 100_000; i++ {
		m := float64(i)
		for _, t := range [2]float64{
			m * (b - m) * z / ((a + 2*m - 1) * (a + 2*m)),
			-(a + m) * (a + b + m) * z / ((a + 2*m) * (a + 2*m + 1)),
		} {
			d, c = 1+t*d, 1+t/c
			if math.Abs(d) < tiny {
				d = tiny
			}
			if math.Abs(c) < tiny {
				c = tiny
			}
			d = 1 / d
			f *= c * d
		}
		if math.Abs(c*d-1) < 1e-15 {
			break
		}
	}
	return front * f / a
}

// BetaQuantile is the z with IncompleteBeta(z, a, b) = p, by bisection: for intervals, not for inner loops.
func BetaQuantile(p, a, b float64) float64 {
	low, high := 0.0, 1.0
	for range 200 {
		mid := (low + high) / 2
		if mid == low || mid == high {
			break
		}
		if IncompleteBeta(mid, a, b) < p {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// Hypergeometric is Gauss's function ₂F₁(1, b; c; z) for c > b > 0 and 0 ≤ z < 1, by Gauss's continued fraction, which
// also converges where the series has all but stopped (DLMF 15.7.1). It is the discounted sum Σ (b)ₙ/(c)ₙ zⁿ.
func Hypergeometric(b, c, z float64) float64 {
	const tiny = 1e-300
	// F = 1/(1 − g₁z/(1 − g₂z/(1 − …))) by Lentz.
	f, cc, d := tiny, tiny, 0.0
	for n := 0; n < 1_000_000; n++ {
		num := 1.0
		if n > 0 {
			num = -gauss(n, b, c) * z
		}
		d = 1 + num*d
		cc = 1 + num/cc
		if d == 0 {
			d = tiny
		}
		if cc == 0 {
			cc = tiny
		}
		d = 1 / d
		step := cc * d
		f *= step
		if math.Abs(step-1) < 1e-16 {
			break
		}
	}
	return f
}

// gauss is the n-th coefficient of the continued fraction of ₂F₁(1, b; c; z).
func gauss(n int, b, c float64) float64 {
	if n == 1 {
		return b / c
	}
	m := float64(n / 2)
	if n%2 == 0 {
		return m * (c - b + m - 1) / ((c + 2*m - 2) * (c + 2*m - 1))
	}
	return (b + m) * (c + m - 1) / ((c + 2*m - 1) * (c + 2*m))
}

// ScaledExponentialIntegral is eᶻ E_s(z) = ∫₁^∞ e^{−z(t−1)} t^{−s} dt for z > 0 and any real s: the continued fraction
// (DLMF 8.19.17) where it converges fast, panels of Gauss–Legendre on a logarithmic scale elsewhere.
func ScaledExponentialIntegral(s, z float64) float64 {
	if z >= 1 {
		b := z + s
		c, d := math.Inf(1), 1/b
		f := d
		for i := 1; i < 10_000; i++ {
			n := float64(i)
			a := -n * (s - 1 + n)
			b += 2
			d = 1 / (a*d + b)
			c = b + a/c
			f *= c * d
			if math.Abs(c*d-1) < 1e-16 {
				break
			}
		}
		return f
	}
	rule := legendre16()
	upper := math.Log1p(60 / z)
	panels := int(upper) + 1
	width, sum := upper/float64(panels), 0.0
	for p := range panels {
		for i, x := range rule.X {
			u := (float64(p) + x) * width
			sum += rule.W[i] * math.Exp((1-s)*u-z*math.Expm1(u))
		}
	}
	return sum * width
}
