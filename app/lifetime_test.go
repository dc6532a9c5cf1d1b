package app

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/learn/clv"
)

// sharedData is the folder of published data sets: KVADRANT_SHARED_DATA, or shared/data in a folder above this one.
func sharedData() string {
	if root := os.Getenv("KVADRANT_SHARED_DATA"); root != "" {
		return root
	}
	for dir, _ := os.Getwd(); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if s, err := os.Stat(filepath.Join(dir, "shared", "data")); err == nil && s.IsDir() {
			return filepath.Join(dir, "shared", "data")
		}
	}
	return ""
}

// cdnow imports the published sample of CDNOW: its customers, and its log through the ordinary import.
func (h *house) cdnow() {
	h.t.Helper()
	f, err := os.Open(filepath.Join(sharedData(), "cdnow", "CDNOW_sample.txt"))
	if errors.Is(err, fs.ErrNotExist) {
		h.t.Skip("the published log of CDNOW is not here")
	}
	if err != nil {
		h.t.Fatal(err)
	}
	defer f.Close()
	var customers, purchases strings.Builder
	customers.WriteString("code,name,country\n")
	purchases.WriteString("date,customer,quantity,revenue\n")
	seen := map[string]bool{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		w := strings.Fields(lines.Text()) // id in the whole log, id in the sample, day, discs, dollars
		if !seen[w[1]] {
			seen[w[1]] = true
			fmt.Fprintf(&customers, "%s,Customer %s,US\n", w[1], w[1])
		}
		fmt.Fprintf(&purchases, "%s-%s-%s,%s,%s,%s\n", w[2][:4], w[2][4:6], w[2][6:], w[1], w[3], w[4])
	}
	if err := lines.Err(); err != nil {
		h.t.Fatal(err)
	}
	if got := h.admin.bring("customers", customers.String()); got.Created != 2357 {
		h.t.Fatalf("customers: %+v", got)
	}
	if got := h.admin.bring("purchases", purchases.String()); got.Created != 6919 {
		h.t.Fatalf("purchases: %+v", got)
	}
}

func rel(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*math.Abs(want)) {
		t.Errorf("%s: %.7g, want %.7g within %g", what, got, want, tolerance)
	}
}

func fitted(t *testing.T, m clv.ModelFit, ll float64, tolerance float64, want map[string]float64) {
	t.Helper()
	for _, p := range m.Parameters {
		rel(t, m.Model+" "+p.Name, p.Value, want[p.Name], tolerance)
	}
	if len(m.Parameters) != len(want) || m.LogLikelihood == nil || math.Abs(*m.LogLikelihood-ll) > 1e-3 {
		t.Errorf("%s: %+v, want the log-likelihood %.4f", m.Model, m, ll)
	}
}

// The published figures of CDNOW (Fader, Hardie, Lee 2005; Batislam et al. 2007; Fader, Hardie 2013; BTYD's walkthrough) come out
// of the product: imported, scored, and read from the page and the explanations.
func TestCDNOWInTheProduct(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	h.cdnow()
	h.admin.score("1998-06-30")
	h.admin.score("1997-09-30")
	var later, at struct{ Models clv.Kept }
	h.admin.must(http.MethodGet, "/lifetime?as_of=1998-06-30", nil, 200, &later)
	test := later.Models.Test
	if test == nil || test.Calibration != "1997-09-30" || test.Customers != 2357 || test.Actual != 1882 || later.Models.Customers != 2357 {
		t.Fatalf("the test: %+v", test)
	}
	type published struct {
		ll, tolerance        float64
		parameters           map[string]float64
		sum, mae, rmse, corr float64
		alive                float64
	}
	want := map[string]published{
		"NBD":        {-9763.657615, 1e-3, map[string]float64{"r": .3847659, "alpha": 12.0720137}, 2929.82, 1.0410, 1.8595, .5834, 1},
		"BG/NBD":     {-9582.4292, 1e-3, map[string]float64{"r": .2425945, "alpha": 4.4136019, "a": .7929199, "b": 2.4258881}, 1653.39, .78545, 1.60798, .62565, .81344},
		"MBG/NBD":    {-9582.135716, 1e-3, map[string]float64{"r": .5248436, "alpha": 6.1830928, "a": .8913878, "b": 1.6140483}, 1576.71, .76478, 1.60718, .62725, .44872},
		"Pareto/NBD": {-9594.9762, 2e-3, map[string]float64{"r": .5533971, "alpha": 10.5801985, "s": .6060625, "beta": 11.6562237}, 1665.43, .75451, 1.60285, .63022, .44619},
	}
	for _, c := range test.Candidates {
		w, ok := want[c.Model]
		if !ok {
			continue
		}
		delete(want, c.Model)
		fitted(t, c.ModelFit, w.ll, w.tolerance, w.parameters)
		rel(t, c.Model+" expected purchases", c.Errors.Expected, w.sum, 1e-3)
		rel(t, c.Model+" MAE", c.Errors.MAE, w.mae, 1e-3)
		rel(t, c.Model+" RMSE", c.Errors.RMSE, w.rmse, 1e-3)
		rel(t, c.Model+" correlation", *c.Errors.Corr, w.corr, 1e-3)
		rel(t, c.Model+" mean P(alive)", c.Errors.Alive, w.alive, 1e-3)
	}
	if len(want) > 0 {
		t.Errorf("not tried: %v", want)
	}
	if !test.Candidates[0].Chosen || test.Candidates[0].Model != "Pareto/NBD" || !test.Beats {
		t.Errorf("chosen: %+v", test.Candidates[0])
	}
	for i, w := range []float64{.237, .697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359} {
		rel(t, fmt.Sprintf("actual of bin %d", i), test.Bins[i].Actual, w, 3e-3)
	}
	for i, w := range []float64{.138, .600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403} {
		rel(t, fmt.Sprintf("Pareto/NBD of bin %d", i), test.Bins[i].Expected, w, 5e-3)
	}
	for i, w := range [][2]float64{{73, 78.308}, {55, 76.419}, {70, 74.648}, {33, 72.983}, {56, 71.414}, {99, 69.933}} { // weeks 20..25
		step := test.Track[19+i]
		if float64(step.Actual) != w[0] {
			t.Errorf("week %d: %d repeat purchases, want %.0f", 20+i, step.Actual, w[0])
		}
		rel(t, fmt.Sprintf("Pareto/NBD of week %d", 20+i), step.Expected, w[1], 2e-3)
	}
	h.admin.must(http.MethodGet, "/lifetime?as_of=1997-09-30", nil, 200, &at)
	fitted(t, at.Models.Groups[0].Spend, -4055.9177, 1e-3, map[string]float64{"p": 6.24934918, "q": 3.744256334, "v": 15.44430668})
	rel(t, "mean spend of all", at.Models.Groups[0].MeanSpend, 6.24934918*15.44430668/(3.744256334-1), 1e-3)
	if at.Models.Repeaters != 946 {
		t.Errorf("%d customers bought again, want 946", at.Models.Repeaters)
	}
	h.conditionalSpend()
	h.figuresOpenTheirLists("1997-09-30")
}

// conditionalSpend compares the first ten customers' expected spend with Hardie's note 025, and asks how it came about.
func (h *house) conditionalSpend() {
	h.t.Helper()
	for i, want := range []float64{24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17} {
		id := h.customerID(fmt.Sprintf("%04d", i+1))
		var got how
		h.admin.must(http.MethodGet, "/customers/"+id+"/measures/next_purchase_size?as_of=1997-09-30", nil, 200, &got)
		if cents, ok := got.Value.(float64); !ok || math.Abs(cents/100-want) > 0.1 {
			h.t.Errorf("customer %d: %v cents, want %.2f", i+1, got.Value, want)
		}
		if i > 0 {
			continue
		}
		if got.Sample != 946 || len(got.Facts) < 4 || !strings.HasPrefix(got.Facts[0].Label, "Gamma-Gamma") || !strings.Contains(got.Facts[0].Value, "±") {
			h.t.Errorf("how: %+v", got)
		}
		h.admin.must(http.MethodGet, "/customers/"+id+"/measures/danger?as_of=1997-09-30", nil, 200, &got)
		facts := fmt.Sprint(got.Facts)
		for _, part := range []string{"Months ahead", "Test"} {
			if !strings.Contains(facts, part) {
				h.t.Errorf("how of the danger does not tell %q: %s", part, facts)
			}
		}
		if given := fmt.Sprint(got.Given); !strings.Contains(given, "{repeat_purchases 2}") || !strings.Contains(given, "{days_first_to_last 213}") || !strings.Contains(given, "{days_since_first 272}") {
			h.t.Errorf("given: %s", given) // x = 2, t.x = 30.43, T = 38.86 weeks
		}
		if p, err := strconv.ParseFloat(fmt.Sprint(got.Value), 64); err != nil || p <= 0 || p >= 1 {
			h.t.Errorf("danger %v", got.Value)
		}
	}
}

// The months before a date are scored by one job, those that stand already are left alone; the schedule scores the night,
// and after imports the latest date, once.
func TestScoringByMonthsAndBySchedule(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	h.town()
	h.admin.must(http.MethodPost, "/scorings", map[string]any{"as_of": "2026-10-31", "from": "2026-10-31"}, 422, nil)
	h.admin.must(http.MethodPost, "/scorings", map[string]any{"as_of": "2026-10-31", "from": "2001-01-31"}, 422, nil)
	versions := func() map[string]int64 {
		t.Helper()
		var page struct {
			Items []struct {
				AsOf    string `json:"as_of"`
				Version int64
			}
		}
		h.admin.must(http.MethodGet, "/matrix/versions", nil, 200, &page)
		all := map[string]int64{}
		for _, v := range page.Items {
			all[v.AsOf] = v.Version
		}
		return all
	}
	h.admin.score("2026-04-30")
	before := versions()
	j := h.admin.await(h.admin.must(http.MethodPost, "/scorings", map[string]any{"as_of": "2026-05-15", "from": "2026-03-02"}, 202, nil))
	if j.State != "done" || j.Done != j.Total {
		t.Errorf("the job: %+v", j)
	}
	got := versions()
	if len(got) != 3 || got["2026-03-31"] == 0 || got["2026-05-15"] == 0 || got["2026-04-30"] != before["2026-04-30"] {
		t.Errorf("versions: %v, before %v", got, before)
	}

	def := h.admin.must(http.MethodGet, "/scorings/schedule", nil, 200, nil)
	h.admin.must(http.MethodPut, "/scorings/schedule", map[string]any{"nightly": true, "hour": 25, "after_import": true}, 422, nil, "If-Match", def.header.Get("ETag"))
	h.admin.must(http.MethodPut, "/scorings/schedule", map[string]any{"nightly": true, "hour": 4, "after_import": true}, 200, nil, "If-Match", def.header.Get("ETag"))
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	due := func(text string) {
		t.Helper()
		if err := h.app.scoreWhenDue(t.Context(), at(text)); err != nil {
			t.Fatal(err)
		}
	}
	// The next night: not before its hour; a night of long ago is taken out then, what people scored stays.
	today := date.Of(time.Now())
	owner, err := h.app.asOwner(t.Context(), job.Job{})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.app.changeDates(owner, nightDates, func([]date.Date) []date.Date { return []date.Date{"2026-05-15"} }); err != nil {
		t.Fatal(err)
	}
	due(string(today.AddDays(1)) + "T03:59:00Z")
	if got := versions(); len(got) != 3 {
		t.Errorf("before the hour: %v", got)
	}
	due(string(today.AddDays(1)) + "T04:00:00Z")
	h.eventually("the night is scored", func() bool { return versions()[string(today)] != 0 })
	if got := versions(); got["2026-05-15"] != 0 || got["2026-04-30"] == 0 {
		t.Errorf("versions: %v", got)
	}
	// An import after it: scored again when it has come to rest, and only once.
	def = h.admin.must(http.MethodGet, "/scorings/schedule", nil, 200, nil)
	h.admin.must(http.MethodPut, "/scorings/schedule", map[string]any{"nightly": false, "hour": 4, "after_import": true}, 200, nil, "If-Match", def.header.Get("ETag"))
	stood := versions()[string(today)]
	h.admin.bring("purchases", "document,line,date,customer,revenue,cost\nX1,1,2026-11-01,C00,10,6\n")
	imports, err := h.app.intake.Settled(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	due(imports.At.Add(time.Minute).Format(time.RFC3339))
	if versions()[string(today)] != stood {
		t.Error("scored before the imports were at rest")
	}
	due(imports.At.Add(3 * time.Minute).Format(time.RFC3339))
	h.eventually("the latest date is scored again", func() bool { return versions()[string(today)] > stood })
}

// P2, P5: the page, its settings and its files; too little is said in words.
func TestLifetimePage(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	h.town()
	h.admin.must(http.MethodGet, "/lifetime", nil, 404, nil)
	h.admin.score("2026-10-31")
	var got clv.Picture
	h.admin.must(http.MethodGet, "/lifetime", nil, 200, &got)
	if got.AsOf != "2026-10-31" || got.All.Customers != 15 || len(got.Groups) != 0 || !strings.HasPrefix(got.Models.TooFew, "Too few to say: 0 of 15 customers") {
		t.Errorf("%+v", got)
	}
	var told how
	h.admin.must(http.MethodGet, "/customers/"+h.customerID("C00")+"/measures/value_to_come", nil, 200, &told)
	if told.Value != nil || told.TooFew != got.Models.TooFew {
		t.Errorf("how: %+v", told)
	}
	h.admin.must(http.MethodGet, "/customers/"+h.customerID("C00")+"/measures/value_so_far", nil, 200, &told)
	if told.Value != 4000.0 { // 100.00 at a cost of 60.00
		t.Errorf("value so far: %+v", told)
	}
	def := h.admin.must(http.MethodGet, "/lifetime/definition", nil, 200, nil)
	body := map[string]any{"ahead_months": 6, "horizon_months": 24, "interest": 0.08, "acquisition_cost": 12000, "minimum": 50, "alike": "country", "occasion_months": 3}
	h.admin.must(http.MethodPut, "/lifetime/definition", body, 428, nil)
	h.admin.must(http.MethodPut, "/lifetime/definition", body, 200, nil, "If-Match", def.header.Get("ETag"))
	h.admin.must(http.MethodPut, "/lifetime/definition", body, 412, nil, "If-Match", def.header.Get("ETag"))
	body["interest"] = 0
	h.admin.must(http.MethodPut, "/lifetime/definition", body, 422, nil, "If-Match", `"1"`)
	h.admin.must(http.MethodGet, "/lifetime", nil, 200, &got)
	if got.Models.Definition.Ahead != 12 {
		t.Errorf("a version keeps its settings: %+v", got.Models.Definition)
	}
	h.admin.must(http.MethodGet, "/lifetime?as_of=now", nil, 422, nil)
	h.admin.must(http.MethodGet, "/lifetime/export?table=passwords", nil, 422, nil)
}

// listed counts the customers of a list with conditions on measures.
func (h *house) listed(asOf string, conditions ...string) int64 {
	h.t.Helper()
	query := "/matrix/customers?limit=500&as_of=" + asOf
	for _, c := range conditions {
		query += "&measure=" + url.QueryEscape(c)
	}
	var n int64
	for cursor := ""; ; {
		var page struct {
			Items []struct{ ID string }
			Next  string `json:"next"`
		}
		h.admin.must(http.MethodGet, query+"&cursor="+url.QueryEscape(cursor), nil, 200, &page)
		n += int64(len(page.Items))
		if cursor = page.Next; cursor == "" {
			return n
		}
	}
}

// figuresOpenTheirLists: every figure of the page counts the customers of the list it opens.
func (h *house) figuresOpenTheirLists(asOf string) {
	h.t.Helper()
	var p clv.Picture
	h.admin.must(http.MethodGet, "/lifetime?as_of="+asOf, nil, 200, &p)
	for _, g := range p.Groups {
		if n := h.listed(asOf, "lifetime_group="+string(g.Group)); n != g.Customers {
			h.t.Errorf("group %s: %d customers, the list has %d", g.Group, g.Customers, n)
		}
	}
	for measure, classes := range map[string][]clv.Class{"danger": p.Danger, "value_to_come": p.Tenths} {
		var all int64
		for _, c := range classes {
			conditions := []string{measure + "!="}
			if c.From != nil {
				conditions = append(conditions, fmt.Sprintf("%s>=%v", measure, *c.From))
			}
			if c.Below != nil {
				conditions = append(conditions, fmt.Sprintf("%s<%v", measure, *c.Below))
			}
			if n := h.listed(asOf, conditions...); n != c.Customers {
				h.t.Errorf("%s %v: %d customers, the list has %d", measure, conditions, c.Customers, n)
			}
			all += c.Customers
		}
		if all != p.All.Customers {
			h.t.Errorf("the classes of %s hold %d of %d customers", measure, all, p.All.Customers)
		}
	}
	for table, lines := range map[string]int{"groups": 6, "danger": 7, "cash_flow": 38} {
		r := h.admin.must(http.MethodGet, "/lifetime/export?table="+table+"&as_of="+asOf, nil, 200, nil)
		if n := strings.Count(string(r.body), "\r\n"); n != lines {
			h.t.Errorf("the file of %s has %d lines, want %d:\n%s", table, n, lines, r.body)
		}
	}
}
