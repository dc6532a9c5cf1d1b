package goal

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

func TestApportion(t *testing.T) {
	for _, c := range []struct {
		n       int64
		weights []float64
		most    []int64
		want    string
	}{
		{7, []float64{1, 1, 1}, nil, "[3 2 2]"},
		{10, []float64{50, 30, 20}, nil, "[5 3 2]"},
		{3, []float64{0.5, 0.3, 0.2}, nil, "[1 1 1]"}, // 1.5, 0.9 and 0.6: two are left, and go to 0.9 and 0.6
		{-7, []float64{1, 1, 1}, nil, "[-3 -2 -2]"},
		{5, []float64{0, 0}, nil, "[3 2]"},
		{10, []float64{9, 1}, []int64{4, -1}, "[4 6]"},
		{10, []float64{9, 1, 0}, []int64{4, 3, 20}, "[4 3 3]"},
		{10, []float64{1, 1}, []int64{2, 3}, "[5 5]"}, // more than there is: the limits do not count
		{0, []float64{1}, nil, "[0]"},
		{4, nil, nil, "[]"},
	} {
		if got := fmt.Sprint(apportion(c.n, c.weights, c.most)); got != c.want {
			t.Errorf("%d by %v at most %v: %s, want %s", c.n, c.weights, c.most, got, c.want)
		}
	}
}

// Whatever the weights, the limits and the fixed amounts: the sum stays, nobody gets more than there is where all fits, and a
// share differs from the exact one by less than one where nothing limits it.
func TestSplitsKeepTheSum(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 18))
	for range 3000 {
		n := r.Int64N(2_000_000_000) - 1_000_000_000
		if r.IntN(2) == 0 {
			n = r.Int64N(200) - 100
		}
		s := Split{Amount: float64(n)}
		room, total := int64(0), 0.0
		for i := range 1 + r.IntN(40) {
			p := Part{UnitID: "u", Name: fmt.Sprint(i), Weight: float64(r.IntN(4)) * r.ExpFloat64(), StartValue: float64(r.IntN(50)), most: -1}
			p.PersonID = personOf(i)
			s.Parts = append(s.Parts, p)
			total += p.Weight
		}
		limited := r.IntN(2) == 0
		if limited {
			for i := range s.Parts {
				s.Parts[i].most = r.Int64N(20)
				room += s.Parts[i].most
			}
		}
		var fixed []Fixed
		if len(s.Parts) > 2 && r.IntN(3) == 0 {
			fixed = append(fixed, Fixed{UnitID: "u", PersonID: s.Parts[0].PersonID, Amount: float64(r.Int64N(1000))})
		}
		if err := s.share(0, fixed); err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for i, p := range s.Parts {
			sum += p.Amount
			if p.Target != p.StartValue+p.Amount {
				t.Fatalf("part %d: %+v", i, p)
			}
			if limited && fixed == nil && n > 0 && room >= n && int64(p.Amount) > p.most {
				t.Fatalf("%d: part %d gets %g of at most %d", n, i, p.Amount, p.most)
			}
			if exact := float64(n) * p.Weight / total; !limited && fixed == nil && total > 0 && (p.Amount-exact >= 1.001 || exact-p.Amount >= 1.001) {
				t.Fatalf("%d: part %d gets %g, exactly %g", n, i, p.Amount, exact)
			}
		}
		if sum != float64(n) || s.Left != 0 {
			t.Fatalf("the parts of %d make %g, %g left", n, sum, s.Left)
		}
		if fixed != nil && s.Parts[0].Amount != fixed[0].Amount {
			t.Fatalf("the fixed part has %g, want %g", s.Parts[0].Amount, fixed[0].Amount)
		}
	}
}

func TestAWrongSumIsRefused(t *testing.T) {
	s := Split{Amount: 15, Parts: []Part{{UnitID: "a"}, {UnitID: "b"}}}
	err := s.share(0, []Fixed{{UnitID: "a", Amount: 5}, {UnitID: "b", Amount: 7}})
	if f := fault.Of(err); f == nil || f.Code != "goal.sum_kept" || !strings.Contains(f.Detail, "make 12 together, the goal needs 15: 3 missing") {
		t.Errorf("%v", err)
	}
	level := Split{Level: true, Parts: []Part{{StartValue: 0.2}, {StartValue: 0.7}}}
	if err := level.share(0.9, nil); err != nil || level.Parts[0].Target != 0.9 || level.Parts[1].Target != 0.9 {
		t.Errorf("%+v %v", level, err)
	}
}

func personOf(i int) id.ID { return id.ID(fmt.Sprintf("p%02d", i)) }

func TestStates(t *testing.T) {
	at := func(day date.Date, v float64) Point { return Point{AsOf: day, Value: &v} }
	up := Goal{StartAsOf: "2026-01-01", DueOn: "2026-07-01", StartValue: 10, Target: 20}
	down := up
	down.Target = 4
	gone := up
	gone.DroppedOn = "2026-02-01"
	for _, c := range []struct {
		name  string
		g     Goal
		at    []Point
		state State
		value float64
	}{
		{"on the way", up, []Point{at("2026-01-01", 10), at("2026-03-01", 12)}, Running, 12},
		{"early", up, []Point{at("2026-01-01", 10), at("2026-03-01", 20)}, Reached, 20},
		{"had it and lost it", up, []Point{at("2026-03-01", 25), at("2026-07-15", 19)}, Missed, 19},
		{"judged at the first date after the due day", up, []Point{at("2026-07-15", 21), at("2026-08-15", 5)}, Reached, 21},
		{"falling", down, []Point{at("2026-01-01", 10), at("2026-07-01", 4)}, Reached, 4},
		{"not fallen", down, []Point{at("2026-01-01", 10), at("2026-07-01", 5)}, Missed, 5},
		{"dropped", gone, []Point{at("2026-03-01", 30)}, Dropped, 30},
	} {
		state, p := c.g.state(c.at)
		if state != c.state || p == nil || *p.Value != c.value {
			t.Errorf("%s: %s %v", c.name, state, p)
		}
	}
	// 181 days from start to due, 59 gone: a straight line from 10 to 20 wants 13.26.
	if w := up.wanted("2026-03-01"); w < 13.25 || w > 13.27 || !up.behind(13, "2026-03-01") || up.behind(14, "2026-03-01") {
		t.Errorf("wanted %g", w)
	}
	if up.wanted("2026-12-01") != 20 || !down.behind(9, "2026-03-01") {
		t.Error("after the due day the target is wanted; a falling goal is behind above its line")
	}
}

func TestRoadmap(t *testing.T) {
	var got []string
	for _, d := range Roadmap("2026-01-05", 6) {
		got = append(got, string(d.Day[5:])+" "+d.Kind)
	}
	want := "01-05 workshop, 01-19 review, 02-02 review, 02-16 review, 03-02 review, 03-16 review, 03-30 review, 04-06 check, 05-05 review, 06-05 review, 07-06 check"
	// 5 April is a Sunday and 5 July one too: the checks are on the Mondays.
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("%s, want %s", s, want)
	}
}

func TestPriorities(t *testing.T) {
	a := Areas{Items: []Area{{"Sales", 6, 8, 2}, {"Care", 3, 7, 1}, {"Marketing", 9, 8, 5}, {"Service", 4, 8, 2}}}
	var got []string
	for _, r := range a.rank() {
		got = append(got, fmt.Sprintf("%s %g %d", r.Name, r.Priority, r.Rank))
	}
	if s := strings.Join(got, ", "); s != "Service 8 1, Sales 4 2, Care 4 2, Marketing 0 0" {
		t.Error(s)
	}
	if err := (Areas{Items: []Area{{"A", 1, 1, 1}, {"a ", 1, 11, 1}}}).Validate(); err == nil {
		t.Error("two areas of one name, and a wish of 11 of 10")
	}
}

// A changed target is shared out again in the proportions there are, in whole units that make it; a day alone changes no amount.
func TestPartsFollowTheirGoal(t *testing.T) {
	parts := func(amounts ...float64) []*Goal {
		var all []*Goal
		for i, a := range amounts {
			all = append(all, &Goal{StartValue: float64(10 * i), Target: float64(10*i) + a})
		}
		return all
	}
	for _, x := range []struct {
		kind         Kind
		from, target float64
		amounts      []float64
		want         []float64
	}{
		{Sum, 30, 130, []float64{50, 25, 25}, []float64{50, 35, 45}},
		{Sum, 30, 331, []float64{50, 25, 25}, []float64{151, 85, 95}}, // 150.5, 75.25, 75.25: the largest remainder gets the unit
		{Count, 30, 0, []float64{-10, -5, 0}, []float64{-20, 0, 20}},
		{Count, 0, 9, []float64{0, 0, 0}, []float64{3, 13, 23}},
		{Sum, 30, 40, []float64{20, -10, 0}, []float64{20, 0, 20}}, // as it was
		{Share, 0.2, 0.5, []float64{0.1, 0.2}, []float64{0.5, 0.5}},
	} {
		g := &Goal{What: What{Kind: x.kind}, StartValue: x.from, Target: x.target}
		if got := g.following(parts(x.amounts...)); !slices.Equal(got, x.want) {
			t.Errorf("%s to %v of %v: %v, want %v", x.kind, x.target, x.amounts, got, x.want)
		}
	}
}
