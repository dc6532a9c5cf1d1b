package app

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/learn/wallet"
)

// V1 on the demo company: every figure of the page counts the customers of the list it opens, the card says the same as the
// measures, and nobody is shown a look-alike that is not theirs.
func TestV1PotentialPage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := Demo(t.Context(), Config{Data: dir, Out: &bytes.Buffer{}, Log: quiet()}, DemoWish{Customers: 600, Seed: 7}); err != nil {
		t.Fatal(err)
	}
	ins, err := readSignIns(dir)
	if err != nil {
		t.Fatal(err)
	}
	h := open(t, Config{Data: dir})
	h.admin = h.signIn(ins[0].Email, ins[0].Password)
	var p wallet.Picture
	h.admin.must(http.MethodGet, "/wallet", nil, 200, &p)
	if p.All.Customers != 600 || p.Known.Customers+p.Unknown.Customers != 600 || p.Estimated.Customers == 0 || p.Estimated.Customers >= p.Known.Customers || len(p.White) == 0 {
		t.Fatalf("%+v", p)
	}
	var e wallet.Estimated
	h.admin.must(http.MethodGet, "/wallet/estimated", nil, 200, &e)
	if e.AsOf != p.AsOf || e.Known != p.Known.Customers || e.Estimated != p.Estimated.Customers {
		t.Errorf("%+v beside %+v of %+v", e, p.Estimated, p.Known)
	}
	trial := p.Basis.Trial
	if trial.Verdict == wallet.Untested || trial.Estimate.MedianError >= trial.Naive.MedianError || trial.Coverage == nil || *trial.Coverage < 0.7 || *trial.Coverage > 0.9 {
		t.Errorf("the test of the estimates: %+v", trial)
	}
	h.potentialsOpenTheirLists(p)

	seen := 0
	for _, in := range ins {
		if in.Role == "salesperson" || in.Role == "director" {
			h.cardsOf(h.signIn(in.Email, in.Password), string(p.AsOf))
			seen++
		}
	}
	if seen < 2 {
		t.Errorf("cards of %d people were seen", seen)
	}
	h.admin.must(http.MethodGet, "/wallet?as_of=now", nil, 422, nil)
	h.admin.must(http.MethodGet, "/wallet?as_of=1999-12-31", nil, 404, nil)
	h.admin.must(http.MethodGet, "/wallet/export?table=passwords", nil, 422, nil)
	h.potentialSettings(p)
}

func (h *house) potentialsOpenTheirLists(p wallet.Picture) {
	h.t.Helper()
	same := func(what string, n int64, conditions ...string) {
		if got := h.listed(string(p.AsOf), conditions...); got != n {
			h.t.Errorf("%s: %d customers, the list has %d", what, n, got)
		}
	}
	var all int64
	for _, s := range p.Sources {
		conditions := []string{"potential_source=" + s.Source}
		switch s.State {
		case wallet.Fresh:
			conditions = append(conditions, "potential_since>="+string(s.FreshFrom))
		case wallet.OutOfDate:
			conditions = append(conditions, "potential_since<"+string(s.FreshFrom))
		default:
			conditions = append(conditions, "potential_since=")
		}
		same(fmt.Sprintf("%s, %s", s.Source, s.State), s.Customers, conditions...)
		all += s.Customers
	}
	if all != p.Known.Customers {
		h.t.Errorf("the sources hold %d of %d customers", all, p.Known.Customers)
	}
	same("unknown", p.Unknown.Customers, "potential=")
	for _, w := range p.White {
		same("white space "+w.Category, w.Customers, "white_category="+w.Category)
	}
	for _, l := range p.Levels {
		same("compared by "+string(l.Level), l.Customers, "alike_by="+string(l.Level))
	}
	for table, lines := range map[string]int{"sources": len(p.Sources) + 2, "levels": len(p.Levels) + 1, "white_space": len(p.White) + 1, "trial": 9} {
		r := h.admin.must(http.MethodGet, "/wallet/export?table="+table, nil, 200, nil)
		if n := strings.Count(string(r.body), "\r\n"); n != lines {
			h.t.Errorf("the file of %s has %d lines, want %d:\n%s", table, n, lines, r.body)
		}
	}
}

// cardsOf looks at the cards of some of a person's customers.
func (h *house) cardsOf(v *visitor, asOf string) {
	h.t.Helper()
	var page struct{ Items []struct{ ID string } }
	v.must(http.MethodGet, "/matrix/customers?limit=12&as_of="+asOf, nil, 200, &page)
	var c wallet.Card
	neighbours := 0
	for _, item := range page.Items {
		v.must(http.MethodGet, "/customers/"+item.ID+"/wallet", nil, 200, &c)
		h.estimateSaysHow(item.ID, asOf)
		for _, n := range c.Neighbours {
			neighbours++
			v.must(http.MethodGet, "/customers/"+string(n.ID), nil, 200, nil)
		}
		var sheet struct {
			Items []struct {
				Key   string
				Value any
			}
		}
		v.must(http.MethodGet, "/customers/"+item.ID+"/measures", nil, 200, &sheet)
		for _, m := range sheet.Items {
			switch m.Key {
			case "white_category":
				largest := wallet.CategoryShare{}
				for _, s := range c.Categories {
					if s.White > largest.White {
						largest = s
					}
				}
				if named, _ := m.Value.(string); named != largest.Category {
					h.t.Errorf("the largest white space is %v as a measure, on the card %+v", m.Value, largest)
				}
			case "potential_estimate":
				if (m.Value == nil) != (c.Estimate == nil) || c.Estimate != nil && m.Value != float64(c.Estimate.Amount) {
					h.t.Errorf("the estimate is %v as a measure, on the card %+v", m.Value, c.Estimate)
				}
			}
		}
	}
	if neighbours == 0 {
		h.t.Error("no look-alike was named")
	}
}

func (h *house) potentialSettings(p wallet.Picture) {
	h.t.Helper()
	def := h.admin.must(http.MethodGet, "/wallet/definition", nil, 200, nil)
	d := p.Basis.Definition
	d.Estimate = false
	h.admin.must(http.MethodPut, "/wallet/definition", d, 428, nil)
	h.admin.must(http.MethodPut, "/wallet/definition", d, 200, nil, "If-Match", def.header.Get("ETag"))
	h.admin.must(http.MethodPut, "/wallet/definition", d, 412, nil, "If-Match", def.header.Get("ETag"))
	d.Trust = d.Trust[:3]
	h.admin.must(http.MethodPut, "/wallet/definition", d, 422, nil, "If-Match", `"1"`)
	h.admin.score(string(p.AsOf))
	var now wallet.Picture
	h.admin.must(http.MethodGet, "/wallet", nil, 200, &now)
	if now.Estimated.Customers != 0 || now.Unknown.Customers != p.Unknown.Customers+p.Estimated.Customers {
		h.t.Errorf("with estimates turned off: %+v", now)
	}
}

// How an estimate came about is told in the version's own words: whom it was compared with, and the place of the quantile.
func (h *house) estimateSaysHow(customer, asOf string) {
	h.t.Helper()
	var c wallet.Card
	h.admin.must(http.MethodGet, "/customers/"+customer+"/wallet?as_of="+asOf, nil, 200, &c)
	var told how
	h.admin.must(http.MethodGet, "/customers/"+customer+"/measures/potential_estimate?as_of="+asOf, nil, 200, &told)
	if facts := fmt.Sprint(told.Facts); c.Estimate == nil || told.Value != float64(c.Estimate.Amount) || told.Sample != c.Estimate.Buyers || !strings.Contains(facts, fmt.Sprintf("%d of %d", c.Estimate.Rank, c.Estimate.Buyers)) {
		h.t.Errorf("%+v is explained as %+v", c.Estimate, told)
	}
	h.admin.must(http.MethodGet, "/customers/"+customer+"/measures/potential?as_of="+asOf, nil, 200, &told)
	says := map[wallet.State]string{wallet.Fresh: string(c.FreshUntil), wallet.OutOfDate: string(c.FreshUntil), wallet.LookAlikes: "nobody stated it"}[c.State]
	if facts := fmt.Sprint(told.Facts); says == "" || !strings.Contains(facts, says) {
		h.t.Errorf("a %s potential is explained as %s", c.State, facts)
	}
}
