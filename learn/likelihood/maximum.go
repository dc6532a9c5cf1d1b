// Package likelihood finds the parameters under which what was observed is most likely, and how sure they are. It holds
// the numerical tools that the models of learn/lifetime and learn/contract share: a maximiser with analytic derivatives,
// sums that do not depend on the number of processors, special functions and quadrature.
package likelihood

import (
	"errors"
	"math"
)

// Function is a log-likelihood of the parameters' logarithms. It fills gradient and the full square Hessian (row by row)
// and returns the value.
type Function func(theta, gradient, hessian []float64) float64

// Bound keeps the logarithm of every parameter within ±Bound of zero.
const Bound = 16.0

// Peak is where Maximise stopped.
type Peak struct {
	Theta      []float64 // logarithms of the parameters
	Value      float64   // log-likelihood
	Gradient   []float64
	Hessian    []float64 // square, row by row
	Iterations int
	Converged  bool   // the gain still to be had is below the tolerance
	AtBound    []bool // the parameter is beyond e^±9: on its way to zero or infinity
}

// Maximise climbs from start with Newton's method, damped after Levenberg and Marquardt where the surface is not concave,
// inside the box of ±Bound. It stops when half the squared Newton decrement, which is the gain still to be had, is below
// 1e-8 plus the rounding of the value itself.
func Maximise(f Function, start []float64, iterations int) Peak {
	n := len(start)
	p := Peak{Theta: clamp(start), Gradient: make([]float64, n), Hessian: make([]float64, n*n), AtBound: make([]bool, n)}
	p.Value = f(p.Theta, p.Gradient, p.Hessian)
	try := Peak{Theta: make([]float64, n), Gradient: make([]float64, n), Hessian: make([]float64, n*n)}
	damping, slow := 0.0, 0
	for p.Iterations = 0; p.Iterations < iterations; p.Iterations++ {
		free := unbound(p)
		step, ok := newton(p, free, damping)
		for !ok && damping < 1e12 {
			damping = math.Max(1e-4, damping*6)
			step, ok = newton(p, free, damping)
		}
		gain := 0.0
		for i := range step {
			gain += step[i] * p.Gradient[i] / 2
		}
		tolerance := 1e-8 + 1e-15*math.Abs(p.Value)
		if far(p.Theta) { // on a ridge to infinity: what is left to gain falls by e with every step
			tolerance *= 1e3
		}
		if ok && damping < 1e-2 && gain < tolerance {
			p.Converged = true
			break
		}
		shorten(step)
		moved := false
		for i := range step {
			try.Theta[i] = math.Max(-Bound, math.Min(Bound, p.Theta[i]+step[i]))
			moved = moved || try.Theta[i] != p.Theta[i]
		}
		if !moved || !ok {
			p.Converged = gain < 1e-5
			break
		}
		try.Value = f(try.Theta, try.Gradient, try.Hessian)
		rise := try.Value - p.Value
		if rise > 0 || (try.Value >= p.Value-tolerance && smaller(try.Gradient, p.Gradient)) {
			p.Theta, try.Theta = try.Theta, p.Theta
			p.Gradient, try.Gradient = try.Gradient, p.Gradient
			p.Hessian, try.Hessian = try.Hessian, p.Hessian
			p.Value = try.Value
			if slow++; rise > 1e-7+1e-10*math.Abs(p.Value) {
				slow = 0
			}
			if slow > 12 { // a ridge that no longer rises
				p.Converged = true
				break
			}
			if damping *= 0.15; damping < 1e-6 {
				damping = 0
			}
			continue
		}
		if damping > 1e8 { // no step, however short, climbs: rounding is all that is left
			p.Converged = gain < 1e-4
			break
		}
		damping = math.Max(1e-3, damping*6)
	}
	for i := range p.Theta {
		p.AtBound[i] = far(p.Theta[i : i+1])
	}
	return p
}

// far tells whether a parameter is beyond e^±9: on its way to zero or infinity.
func far(theta []float64) bool {
	for _, t := range theta {
		if math.Abs(t) > 9 {
			return true
		}
	}
	return false
}

func clamp(start []float64) []float64 {
	out := make([]float64, len(start))
	for i, v := range start {
		out[i] = math.Max(-Bound, math.Min(Bound, v))
	}
	return out
}

func smaller(a, b []float64) bool {
	var sa, sb float64
	for i := range a {
		sa += a[i] * a[i]
		sb += b[i] * b[i]
	}
	return sa < sb
}

// shorten keeps the direction of a step and lets no parameter change by more than a factor of e².
func shorten(step []float64) {
	longest := 0.0
	for _, s := range step {
		longest = math.Max(longest, math.Abs(s))
	}
	if longest > 2 {
		for i := range step {
			step[i] *= 2 / longest
		}
	}
}

// unbound lists the parameters that may still move: not those held at the box by their gradient.
func unbound(p Peak) []int {
	var free []int
	for i, t := range p.Theta {
		if (t >= Bound && p.Gradient[i] >= 0) || (t <= -Bound && p.Gradient[i] <= 0) {
			continue
		}
		free = append(free, i)
	}
	return free
}

// newton solves (−H + damping·|diag H|) step = gradient on the free parameters; false where the matrix is not positive.
func newton(p Peak, free []int, damping float64) ([]float64, bool) {
	n, m := len(p.Theta), len(free)
	a := make([]float64, m*m)
	largest := 1e-300
	for _, i := range free {
		largest = math.Max(largest, math.Abs(p.Hessian[i*n+i]))
	}
	for r, i := range free {
		for c, j := range free {
			a[r*m+c] = -p.Hessian[i*n+j]
		}
		a[r*m+r] += damping * math.Max(math.Abs(p.Hessian[i*n+i]), 1e-9*largest)
	}
	step := make([]float64, n)
	if m == 0 {
		return step, true
	}
	l, ok := cholesky(a, m)
	if !ok {
		return step, false
	}
	b := make([]float64, m)
	for r, i := range free {
		b[r] = p.Gradient[i]
	}
	solve(l, b, m)
	for r, i := range free {
		step[i] = b[r]
	}
	return step, true
}

// cholesky factors a symmetric positive definite matrix into L·Lᵀ; false if it is not one.
func cholesky(a []float64, n int) ([]float64, bool) {
	l := make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			s := a[i*n+j]
			for k := range j {
				s -= l[i*n+k] * l[j*n+k]
			}
			if i != j {
				l[i*n+j] = s / l[j*n+j]
				continue
			}
			if !(s > 1e-14*math.Abs(a[i*n+i])) || math.IsInf(s, 0) {
				return nil, false
			}
			l[i*n+i] = math.Sqrt(s)
		}
	}
	return l, true
}

// solve replaces b by the solution of L·Lᵀ x = b.
func solve(l, b []float64, n int) {
	for i := range n {
		for k := range i {
			b[i] -= l[i*n+k] * b[k]
		}
		b[i] /= l[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			b[i] -= l[k*n+i] * b[k]
		}
		b[i] /= l[i*n+i]
	}
}

// ErrNotPositive is returned by Invert for a matrix that is not positive definite.
var ErrNotPositive = errors.New("the matrix is not positive definite")

// Invert returns the inverse of a symmetric positive definite matrix, row by row.
func Invert(a []float64, n int) ([]float64, error) {
	l, ok := cholesky(a, n)
	if !ok {
		return nil, ErrNotPositive
	}
	out, b := make([]float64, n*n), make([]float64, n)
	for j := range n {
		clear(b)
		b[j] = 1
		solve(l, b, n)
		for i := range n {
			out[i*n+j] = b[i]
		}
	}
	return out, nil
}

// Best climbs the first function a short way from every start, then all the way from the highest place reached, and from
// there each following one: on large data the first are the same likelihood on a part of the rows, the last on all.
func Best(starts [][]float64, functions ...Function) Peak {
	var best Peak
	for i, s := range starts {
		p := Maximise(functions[0], s, 6)
		if i == 0 || p.Value > best.Value || math.IsNaN(best.Value) {
			best = p
		}
	}
	for i, f := range functions {
		if i == 0 && best.Converged {
			continue
		}
		p := Maximise(f, best.Theta, 300)
		p.Iterations += best.Iterations
		best = p
	}
	return best
}

// FromNatural turns gradient and Hessian by the parameters themselves into those by their logarithms.
func FromNatural(value, gradient, hessian []float64) {
	n := len(value)
	for i := range n {
		for j := range n {
			hessian[i*n+j] *= value[i] * value[j]
		}
		hessian[i*n+i] += value[i] * gradient[i]
	}
	for i := range n {
		gradient[i] *= value[i]
	}
}

// Mirror copies the upper triangle of a square matrix, given row by row, to where Hessians are expected.
func Mirror(upper, full []float64, n int) {
	k := 0
	for i := range n {
		for j := i; j < n; j++ {
			full[i*n+j], full[j*n+i] = upper[k], upper[k]
			k++
		}
	}
}
