package demo

import (
	"math"
	"time"
)

// A day is counted from 2021-01-01, the first day of the rates. Purchases fill
// five "story years" that run from November to October, so that the last one is
// exactly the default window of twelve months before LastDay.
const (
	storyYears = 5
	lastYear   = storyYears - 1
)

type calendar struct {
	text []string // ISO date of each day
	// storyStart holds the first day of each story year, and after the last the
	// day after LastDay.
	storyStart [storyYears + 1]int
	year       []int16 // calendar year of each day, counted from 2021
}

func newCalendar() calendar {
	var c calendar
	first := time.Date(2021, time.January, 1, 0, 0, 0, 0, time.UTC)
	for t := first; t.Year() < 2027; t = t.AddDate(0, 0, 1) {
		c.text = append(c.text, t.Format(time.DateOnly))
		c.year = append(c.year, int16(t.Year()-2021))
	}
	for y := range c.storyStart {
		start := time.Date(2021+y, time.November, 1, 0, 0, 0, 0, time.UTC)
		c.storyStart[y] = int(start.Sub(first) / (24 * time.Hour))
	}
	return c
}

func (c *calendar) firstDay() int { return c.storyStart[0] }
func (c *calendar) lastDay() int  { return c.storyStart[storyYears] - 1 }

// workday moves a Saturday to the Friday before and a Sunday to the Monday
// after, but not beyond LastDay.
func (c *calendar) workday(day int) int {
	switch (day + 5) % 7 { // day 0 was a Friday
	case 0:
		if day < c.lastDay() {
			return day + 1
		}
		return day - 2
	case 6:
		return day - 1
	}
	return day
}

// season is when in a story year an industry buys: the cumulative share of the
// year's purchases before each month, November first, ending with 1.
type season [13]float64

func newSeason(januaryFirst [12]float64) season {
	var s season
	sum := 0.0
	for _, w := range januaryFirst {
		sum += w
	}
	for i := range 12 {
		s[i+1] = s[i] + januaryFirst[(i+10)%12]/sum
	}
	s[12] = 1
	return s
}

// day returns the day of a story year by which the share u of its purchases is
// made; 0 ≤ u < 1.
func (s *season) day(start, length int, u float64) int {
	month := 0
	for u >= s[month+1] && month < 11 {
		month++
	}
	within := (u - s[month]) / (s[month+1] - s[month])
	return start + int(math.Min((float64(month)+within)/12*float64(length), float64(length-1)))
}

// month returns the share of the year that falls in the calendar month 1…12.
func (s *season) month(m int) float64 {
	i := (m + 1) % 12
	return s[i+1] - s[i]
}
