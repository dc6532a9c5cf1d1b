package rfm

import (
	"errors"
	"fmt"
	"math"
)

// ErrNoProfit is returned where a response earns nothing: no response rate breaks even.
var ErrNoProfit = errors.New("the net profit of a response must be more than nothing")

// BreakEven is the response rate at which a mailing pays for itself: cost per piece ÷ net profit per response (C7; Hughes),
// both in the same money. It is a share: 0.0177 for 0.62 and 35.
func BreakEven(cost, profit float64) (float64, error) {
	if !(profit > 0) {
		return 0, ErrNoProfit
	}
	if !(cost >= 0) {
		return 0, errors.New("the cost of a piece must not be negative")
	}
	return cost / profit, nil
}

// BreakEvenIndex is Hughes' index, (rate − break-even)/break-even × 100: 0 broke even, negative lost.
func BreakEvenIndex(rate, breakEven float64) float64 { return (rate - breakEven) / breakEven * 100 }

// TestSize is how many customers of a cell a test needs to say something: 4 ÷ break-even, rounded up.
func TestSize(breakEven float64) int { return int(math.Ceil(4 / breakEven)) }

// Sample picks every n-th of size customers, the first included: 1, 21, 41 … for 20 (C7). It returns their places from 0.
func Sample(size, every int) ([]int, error) {
	if every < 1 {
		return nil, fmt.Errorf("every %d-th: it must be at least 1", every)
	}
	out := make([]int, 0, (size+every-1)/every)
	for i := 0; i < size; i += every {
		out = append(out, i)
	}
	return out, nil
}

// Test is what a test mailing to one cell gave.
type Test struct {
	Cell      Cell
	Mailed    int
	Responses int
	Profit    float64 // net profit of all responses before the cost of the pieces; 0 to use the mean
}

// Result is a cell's test against the break-even.
type Result struct {
	Cell   Cell
	Rate   float64 // responses ÷ mailed; NaN when nobody was mailed
	Index  float64 // Hughes' index
	Net    float64 // profit of the test less the cost of its pieces, in money
	Mail   bool    // the rate is above the break-even: mail the cell
	TooFew bool    // fewer were mailed than TestSize asks for: the rate says little
}

// Judge compares the cells' tests with the break-even: mail the cells above it.
func Judge(tests []Test, cost, profit float64) ([]Result, error) {
	even, err := BreakEven(cost, profit)
	if err != nil {
		return nil, err
	}
	out := make([]Result, len(tests))
	for i, t := range tests {
		if t.Mailed < 0 || t.Responses < 0 || t.Responses > t.Mailed {
			return nil, fmt.Errorf("cell %s: %d responses of %d mailed cannot be", t.Cell, t.Responses, t.Mailed)
		}
		earned := t.Profit
		if earned == 0 {
			earned = float64(t.Responses) * profit
		}
		r := Result{Cell: t.Cell, Rate: float64(t.Responses) / float64(t.Mailed), Net: earned - float64(t.Mailed)*cost}
		r.Index = BreakEvenIndex(r.Rate, even)
		r.Mail = r.Rate > even
		r.TooFew = even > 0 && float64(t.Mailed) < 4/even
		out[i] = r
	}
	return out, nil
}
