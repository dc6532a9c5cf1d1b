package lifetime

import (
	"math"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// renewal is a living customer of the beta-geometric family: gaps of k stages at rate λ ~ Gamma(shape, rate), done stages
// already behind it in the running gap, and a chance p ~ Beta(a, b) to leave after each purchase from now on.
type renewal struct {
	shape, rate, a, b float64
	k, done           int
}

// Expected sums the chances that the i-th purchase happens: Σ E[(1−p)^(i−1)] P(stages by t ≥ ik − done).
//
// For k = 1 that is (c/(a−1)) [1 − (A/(A+t))^R ₂F₁(R, b; c; z)] with c = a+b−1, z = t/(A+t) (equation 10 of Fader, Hardie,
// Lee 2005). Euler's transformation takes the powers out of the series, and the division by a−1 is done inside it, so
// nothing overflows and a = 1 is an ordinary point.
func (p renewal) Expected(t float64) float64 {
	if t <= 0 {
		return 0
	}
	z := t / (p.rate + t)
	if p.k > 1 {
		return p.bySum(t)
	}
	c := p.a + p.b - 1
	switch {
	case z > 0.97 || c > 1e6*p.shape || p.a*math.Log1p(t/p.rate) > 300:
		return p.byChance(t)
	case c-p.shape < -2:
		if p.shape*t/p.rate > 1000 {
			return p.byChance(t)
		}
		return p.bySum(t)
	}
	l := math.Log1p(t / p.rate)
	e := p.a - 1
	phi := l
	if x := e * l; math.Abs(x) > 1e-300 {
		phi = -math.Expm1(-x) / e
	}
	term := (c - p.shape) * z
	sum := term
	for n := 1.0; n < 20_000; n++ {
		term *= (c - p.shape + n) * (e + n) / ((c + n) * (n + 1)) * z
		sum += term
		if math.Abs(term) < 1e-16*math.Abs(sum) || term == 0 {
			break
		}
	}
	return math.Max(0, c*phi-math.Exp(-e*l)*sum)
}

// byChance is E[(1 − (A/(A+pt))^R)/p] over p ~ Beta(a, b): for k = 1, sound at any horizon.
func (p renewal) byChance(t float64) float64 {
	u := t / p.rate
	bought := func(q float64) float64 { return -math.Expm1(-p.shape * math.Log1p(q*u)) }
	return likelihood.ExpectBeta(p.a, p.b, p.shape*u, bought(1), func(q float64) float64 {
		if q < 1e-300 {
			return p.shape * u
		}
		return bought(q) / q
	})
}

// longSum is up to how many stages are summed one by one.
const longSum = 2_000_000

// bySum adds over the negative binomial number of stages by t; all terms are positive.
func (p renewal) bySum(t float64) float64 {
	z := t / (p.rate + t)
	mean := p.shape * t / p.rate
	spread := math.Sqrt(mean * (1 + t/p.rate))
	if mean+12*spread > longSum { // so many stages that where the running gap stands does not matter
		return renewal{p.shape, p.rate * float64(p.k), p.a, p.b, 1, 0}.byChance(t)
	}
	n := p.quiet(mean, z)
	chance := math.Exp(p.logStages(n, z))
	k, bought := float64(p.k), math.Floor((float64(p.done)+n)/float64(p.k))
	kept := p.kept(bought)
	still := math.Exp(likelihood.LogBetaRatio(p.b, p.a, bought, 0)) // E[(1−p)^bought]
	room := math.Mod(float64(p.done)+n, k)
	sum, passed := 0.0, 0.0
	for range longSum * 4 {
		sum += chance * kept
		passed += chance
		ratio := (p.shape + n) / (n + 1) * z
		if ratio < 1 && chance*(kept+1)/((1-ratio)*(1-ratio)) < 1e-15*sum {
			break
		}
		if ratio < 1 && sum == 0 && chance < 1e-300 {
			break
		}
		chance *= ratio
		n++
		if room++; room == k {
			room = 0
			kept += still
			still *= (p.b + bought) / (p.a + p.b + bought)
			bought++
		}
	}
	return sum
}

// quiet is a number of stages below which there is less than e^−50 of a chance each: 0, or found by bisection below the mode.
func (p renewal) quiet(mean, z float64) float64 {
	if p.logStages(0, z) > -50 {
		return 0
	}
	low, high := 0.0, math.Floor(math.Max(0, mean*(p.shape-1)/p.shape))
	for high-low > 1 {
		if mid := math.Floor((low + high) / 2); p.logStages(mid, z) > -50 {
			high = mid
		} else {
			low = mid
		}
	}
	return low
}

// logStages is ln of the chance of exactly n stages: negative binomial of the shape, z = t/(A+t).
func (p renewal) logStages(n, z float64) float64 {
	v := likelihood.LogGammaRatio(p.shape, n) - likelihood.LogGamma(n+1) + p.shape*math.Log1p(-z)
	if n > 0 {
		v += n * math.Log(z)
	}
	return v
}

// kept is Σ_{i<n} E[(1−p)^i]: the mean number of purchases made of n opportunities.
func (p renewal) kept(n float64) float64 {
	if c := p.a + p.b - 1; n > 64 && c > 0.5 && math.Abs(p.a-1) > 1e-6 {
		return -math.Expm1(likelihood.LogGammaRatio(p.b, n)-likelihood.LogGammaRatio(c, n)) * c / (p.a - 1)
	}
	sum, still := 0.0, 1.0
	for i := range int(n) {
		sum += still
		still *= (p.b + float64(i)) / (p.a + p.b + float64(i))
	}
	return sum
}

// Probability of exactly n purchases (equation 8 of Fader, Hardie, Lee 2005 for k = 1): still a customer after n of them
// and no more by t, or gone with the n-th.
func (p renewal) Probability(n int, t float64) float64 {
	if n < 0 {
		return 0
	}
	if t <= 0 {
		if n == 0 {
			return 1
		}
		return 0
	}
	z := t / (p.rate + t)
	count := float64(n)
	first := count*float64(p.k) - float64(p.done)
	exactly := 0.0
	for j := math.Max(0, first); j < first+float64(p.k); j++ {
		exactly += math.Exp(p.logStages(j, z))
	}
	chance := math.Exp(likelihood.LogBetaRatio(p.b, p.a, count, 0)) * exactly
	if n > 0 {
		gone := math.Exp(likelihood.LogBetaRatio(p.b, p.a, count-1, 0)) * p.a / (p.a + p.b + count - 1)
		chance += gone * likelihood.IncompleteBeta(z, first, p.shape)
	}
	return math.Min(1, chance)
}

// Residual is E over λ of y^(k−done) ₂F₁(1, b; a+b; yᵏ), y = λ/(λ+δ): the i-th purchase is discounted by y^(ik−done) on
// average and happens with chance E[(1−p)^(i−1)]. Our own derivation, by the Laplace transform of the Erlang gaps; for
// k = 1 it equals ∫ e^(−δt) dE[X(t)].
func (p renewal) Residual(rate float64) float64 {
	k := float64(p.k)
	return likelihood.ExpectGamma(p.shape, p.rate, func(lambda float64) float64 {
		wait := math.Log1p(rate / lambda) // −ln y
		miss := -math.Expm1(-k * wait)    // 1 − yᵏ
		front := math.Exp(-(k - float64(p.done)) * wait)
		if front == 0 {
			return 0
		}
		if miss > 1e-4 {
			return front * likelihood.Hypergeometric(p.b, p.a+p.b, 1-miss)
		}
		return front * likelihood.ExpectBeta(p.a, p.b, 1/miss, 1, func(q float64) float64 { return 1 / (miss + q*(1-miss)) })
	})
}

// mixture is one of several processes by chance; what the weights lack to 1 buys nothing.
type mixture struct {
	weight []float64
	part   []Process
}

func (m mixture) Expected(t float64) float64 {
	sum := 0.0
	for i, w := range m.weight {
		sum += w * m.part[i].Expected(t)
	}
	return sum
}

func (m mixture) Probability(n int, t float64) float64 {
	sum, rest := 0.0, 1.0
	for i, w := range m.weight {
		sum += w * m.part[i].Probability(n, t)
		rest -= w
	}
	if n == 0 {
		sum += math.Max(0, rest)
	}
	return sum
}

func (m mixture) Residual(rate float64) float64 {
	sum := 0.0
	for i, w := range m.weight {
		sum += w * m.part[i].Residual(rate)
	}
	return sum
}

// fresh is a new customer right after the first purchase.
func (m BetaGeometric) fresh() Process {
	if !m.DropoutAtZero {
		return renewal{m.R, m.Alpha, m.A, m.B, m.K, 0}
	}
	return mixture{[]float64{m.B / (m.A + m.B)}, []Process{renewal{m.R, m.Alpha, m.A, m.B + 1, m.K, 0}}}
}

// Expected is E[X(t)] of a new customer (equation 9 of Fader, Hardie, Lee 2005; exact for k > 1 as well).
func (m BetaGeometric) Expected(t float64) float64 { return m.fresh().Expected(t) }

// Probability is P(X(t) = n) of a new customer (equation 8 there).
func (m BetaGeometric) Probability(n int, t float64) float64 { return m.fresh().Probability(n, t) }

// Residual is the discounted number of repeat purchases of a new customer.
func (m BetaGeometric) Residual(rate float64) float64 { return m.fresh().Residual(rate) }

// Alive is P(alive) at the end of observation: 1/(1 + ρ/S) in the notation of the likelihood. In the models without
// drop-out at zero it is 1 for x = 0, by construction.
func (m BetaGeometric) Alive(c Tuple) float64 {
	extra := 0.0
	if m.DropoutAtZero {
		extra = 1
	} else if c.Frequency == 0 {
		return 1
	}
	shape := m.R + float64(m.K)*c.Frequency
	odds := math.Log(m.A/(m.B+c.Frequency-1+extra)) +
		shape*(math.Log1p(c.Age/m.Alpha)-math.Log1p(c.Recency/m.Alpha))
	if m.K > 1 {
		odds -= stages(shape, c.Age-c.Recency, 1/(m.Alpha+c.Age), m.K).log
	}
	return 1 / (1 + math.Exp(odds))
}

// Ahead is a living customer's future: rate and chance of leaving updated by Bayes' rule, and for k > 1 the chance of
// every stage that the running gap may be in.
func (m BetaGeometric) Ahead(c Tuple) Process {
	b := m.B + c.Frequency
	if m.DropoutAtZero {
		b++
	}
	shape, rate := m.R+float64(m.K)*c.Frequency, m.Alpha+c.Age
	if m.K == 1 {
		return renewal{shape, rate, m.A, b, 1, 0}
	}
	u, term, sum := (c.Age-c.Recency)/rate, 1.0, 0.0
	mix := mixture{make([]float64, m.K), make([]Process, m.K)}
	for j := range m.K {
		if j > 0 {
			term *= (shape + float64(j-1)) / float64(j) * u
		}
		mix.weight[j], mix.part[j] = term, renewal{shape + float64(j), rate, m.A, b, m.K, j}
		sum += term
	}
	for j := range mix.weight {
		mix.weight[j] /= sum
	}
	return mix
}
