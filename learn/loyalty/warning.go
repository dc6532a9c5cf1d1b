package loyalty

import (
	"math"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// monthDays turns a number of months into days.
const monthDays = 365.25 / 12

// Rhythm is what is known of when a customer buys: whole months before the last few, and those last few.
type Rhythm struct {
	Months  int64 // whole months of the past that are looked at, all after the month of the first purchase
	Past    int64 // purchases in them
	Squares int64 // sum over those months of purchases × purchases
	Last    int64 // months of the recent time
	Recent  int64 // purchases in it
	Silence int64 // days since the last purchase
	Season  bool  // compare with YearAgo
	YearAgo int64 // purchases in the same months of the year before
}

// Dispersion is the variance of a customer's purchases per month over their mean: 1 for one who buys as chance has it, less
// for a regular one, more for one who buys in bursts. Few months say little of it, and who is taken to be more regular than
// he is would be warned about too often. So regularity is drawn towards chance with the weight of some months, bursts count
// half as much again, since they reach from one month into the next, and both are widened by the months there are. The
// numbers were set by simulation; the test of false alarms holds them.
func (r Rhythm) Dispersion() float64 {
	if r.Past == 0 || r.Months < 2 {
		return 1
	}
	n, months := float64(r.Past), float64(r.Months)
	return widened((float64(r.Squares)-n*n/months)/(months-1)/(n/months), months-1)
}

// widened is a dispersion that was found in some months, known with all but one of them.
func widened(own, known float64) float64 {
	if own < 1 {
		return math.Max((known*own+calm)/(known+calm)*(1+2/known), leastDispersion)
	}
	return (1 + 1.5*(own-1)*known/(known+1)) * (1 + 4/known)
}

const (
	skewed          = 1.2  // what a t of amounts is divided by
	calm            = 6    // months whose weight draws regularity towards chance
	leastDispersion = 0.15 // nobody is taken to be more regular
)

// Chance is how likely it is that a customer whose buying did not change has so few purchases in the recent time, or is
// silent for so long: the smaller of the two, doubled, since two questions are asked. With a season the recent time is held
// against the same months a year before, and silence is not asked about.
func (r Rhythm) Chance() float64 {
	of := r.Dispersion()
	if r.Season {
		return shortfall(float64(r.YearAgo), float64(r.Recent), 0.5, of)
	}
	few := shortfall(float64(r.Past), float64(r.Recent), float64(r.Last)/float64(r.Months+r.Last), of)
	silent := float64(r.Silence) / (float64(r.Months+r.Last) * monthDays)
	return math.Min(1, 2*math.Min(few, shortfall(float64(r.Past+r.Recent), 0, silent, of)))
}

// shortfall is the chance that of past + recent purchases no more than recent fall into a part of the time. Where purchases
// come by chance it is the exact binomial tail, whatever the customer's rate (Przyborowski and Wilenski 1940). One who buys
// in bursts counts as having fewer independent purchases, by the dispersion. One who buys regularly counts as buying at
// each k-th of k times as many chances (a gamma renewal of shape k = 1 ÷ dispersion), of which half have passed on average.
func shortfall(past, recent, part, dispersion float64) float64 {
	if past <= 0 || part >= 1 {
		return 1
	}
	k := 1 / dispersion
	if k < 1 {
		return likelihood.IncompleteBeta(1-part, past*k, recent*k+1)
	}
	return likelihood.IncompleteBeta(1-part, past*k-(k-1)/2, recent*k+(k+1)/2)
}

// Fall is the chance that purchases that did not become smaller give a Student's t so far below 0. The logarithms of amounts of
// which many are small reach further down than those of the normal distribution, and a few recent ones are far below the mean
// more often than Student's tail says; so t counts for less, by a factor that was set by simulation as those of the
// dispersion were.
func Fall(t float64, freedom int64) float64 {
	if t >= 0 || freedom < 1 {
		return 1
	}
	t /= skewed
	df := float64(freedom)
	return likelihood.IncompleteBeta(df/(df+t*t), df/2, 0.5) / 2
}
