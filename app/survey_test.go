package app

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/know/survey"
)

// questionnaire opens one of a preset.
func (h *house) questionnaire(preset, code string) record {
	h.t.Helper()
	var presets web.Page[survey.Preset]
	h.admin.must(http.MethodGet, "/surveys/presets", nil, http.StatusOK, &presets)
	for _, p := range presets.Items {
		if p.Key == preset {
			return h.admin.add("/surveys", map[string]any{"code": code, "name": preset, "audience": p.Audience, "state": "open", "questions": p.Questions, "introduction": p.Introduction})
		}
	}
	h.t.Fatalf("no preset %s", preset)
	return record{}
}

func answered(scores ...any) map[string]any {
	var all []map[string]any
	for i := 0; i < len(scores); i += 2 {
		key := "score"
		if _, text := scores[i+1].(string); text {
			key = "text"
		}
		all = append(all, map[string]any{"question": scores[i], key: scores[i+1]})
	}
	return map[string]any{"answers": all}
}

func (h *house) customerIDs() map[string]id.ID {
	h.t.Helper()
	var page struct{ Items []record }
	h.admin.must(http.MethodGet, "/customers?limit=500", nil, http.StatusOK, &page)
	ids := map[string]id.ID{}
	for _, c := range page.Items {
		ids[c.Code] = c.ID
	}
	return ids
}

// What people enter, what comes by links and what is imported stand together in the results; undoing the import leaves the
// rest, and building the warehouse anew changes nothing.
func TestAnswersTogether(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	h.town()
	sat, ids := h.questionnaire("satisfaction", "sat"), h.customerIDs()
	results := func() (out survey.Outcome) {
		h.admin.must(http.MethodGet, "/surveys/"+string(sat.ID)+"/results", nil, http.StatusOK, &out)
		return out
	}
	if r := results(); r.Responses != 0 || len(r.Results.Results) != 0 || r.Satisfaction != nil {
		t.Errorf("before anybody answered: %+v", r)
	}
	for i := range 3 {
		body := answered("products", 8, "delivery", 6, "service", 10, "price", 4+i, "remark", "kept here")
		body["survey_id"] = sat.ID
		h.admin.must(http.MethodPost, fmt.Sprintf("/customers/%s/responses", ids[fmt.Sprintf("C%02d", i)]), body, http.StatusCreated, nil)
	}
	r := results()
	if r.Responses != 3 || r.Customers != 3 || len(r.Results.Results) != 4 || r.Results.Results[0].Mean != nil || len(r.Results.Results[0].Distribution) != 0 {
		t.Errorf("three answers are too few to say: %+v", r)
	}
	var text strings.Builder
	text.WriteString("customer,date,survey,question,score\n")
	for _, q := range []string{"products", "delivery", "service", "price"} {
		fmt.Fprintf(&text, "C10,2026-01-01,sat,%s,7\nC11,2026-01-01,sat,%s,9\n", q, q)
	}
	h.admin.bring("answers", text.String())
	r = results()
	// products (3·8+7+9)/5 = 8, delivery (3·6+16)/5 = 6.8, service (3·10+16)/5 = 9.2, price (4+5+6+16)/5 = 6.2;
	// their mean 7.55, by weights 3, 2, 2, 1: (24 + 13.6 + 18.4 + 6.2)/8 = 7.775.
	if r.Responses != 5 || r.Customers != 5 || r.Satisfaction == nil || fmt.Sprintf("%.4f %.4f", *r.Satisfaction, *r.Weighted) != "7.5500 7.7750" {
		t.Errorf("together: %+v", r)
	}
	var list web.Page[survey.Given]
	h.admin.must(http.MethodGet, "/surveys/"+string(sat.ID)+"/answers?question=price&score=9", nil, http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].CustomerCode != "C11" || !list.Items[0].Imported {
		t.Errorf("behind a bar: %+v", list.Items)
	}
	seen := 0
	for next := "limit=7"; next != ""; {
		var page web.Page[survey.Given]
		h.admin.must(http.MethodGet, "/surveys/"+string(sat.ID)+"/answers?"+next, nil, http.StatusOK, &page)
		if seen += len(page.Items); page.Next == "" {
			break
		}
		next = "limit=7&cursor=" + page.Next
	}
	file, err := csv.NewReader(strings.NewReader(string(h.admin.must(http.MethodGet, "/surveys/"+string(sat.ID)+"/answers/export", nil, http.StatusOK, nil).body))).ReadAll()
	if seen != 20 || err != nil || len(file) != 21 {
		t.Errorf("%d on pages, %d in the file, %v", seen, len(file), err)
	}

	// An answer that is imported, met again and taken back, with one that was entered beside it.
	again := h.admin.bring("answers", "customer,date,survey,question,score\nC10,2026-01-01,sat,price,1\n")
	if again.Updated != 1 {
		t.Errorf("the correction: %+v", again)
	}
	h.admin.await(h.admin.must(http.MethodPost, "/imports/"+string(again.ID)+"/undo", nil, http.StatusAccepted, nil))
	if got := results(); got.Satisfaction == nil || *got.Satisfaction != *r.Satisfaction {
		t.Errorf("after the undo: %+v", got)
	}
	if err := h.app.rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.ready()
	if got := results(); got.Responses != 5 || got.Satisfaction == nil || *got.Satisfaction != *r.Satisfaction {
		t.Errorf("built anew: %+v", got)
	}
	if found := string(h.admin.must(http.MethodGet, "/customers/"+string(ids["C00"])+"/answers", nil, http.StatusOK, nil).body); !strings.Contains(found, `"topic":"satisfaction"`) {
		t.Errorf("the card: %s", found)
	}
}

// Several people's five Bs are kept apart; the latest of each counts.
func TestFiveBs(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	relation, ids := h.questionnaire("relation", "relation"), h.customerIDs()
	nora := h.user("nora@example.com", "salesperson", map[string]any{"person_id": tw.nora.ID, "unit_id": tw.north.ID})
	path := "/customers/" + string(ids["C00"])
	scored := func(v *visitor, day string, n int) {
		body := answered("willingness", n, "ability", n, "reliability", n, "reachability", n, "involvement", n)
		body["survey_id"], body["answered_on"] = relation.ID, day
		v.must(http.MethodPost, path+"/responses", body, http.StatusCreated, nil)
	}
	scored(nora, "2026-01-02", 4)
	scored(nora, "2026-03-02", 8)
	scored(nora, "2026-02-02", 1)
	scored(h.admin, "2026-01-05", 6)
	var s survey.Standing
	nora.must(http.MethodGet, path+"/answers", nil, http.StatusOK, &s)
	if len(s.Scorers) != 2 || s.Scorers[0].Name != "nora@example.com" || *s.Scorers[0].Scores["ability"] != 8 || s.Scorers[0].AnsweredOn != "2026-03-02" || *s.Means["ability"] != 7 {
		t.Errorf("got %+v", s)
	}
}

// A14, A27: the token of a link can be neither guessed nor forged nor overused; reading changes nothing, and the page tells
// nothing of the customer.
func TestA14AnswerLinks(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 31, 12, 0, 0, 0, time.UTC)
	h := found(t, Config{Now: func() time.Time { return now }})
	h.town()
	sat, ids := h.questionnaire("satisfaction", "sat"), h.customerIDs()
	invite := func(body map[string]any) []struct{ ID, Token string } {
		var page struct {
			Items []struct{ ID, Token string }
		}
		h.admin.must(http.MethodPost, "/surveys/"+string(sat.ID)+"/invitations", body, http.StatusCreated, &page)
		return page.Items
	}
	made := invite(map[string]any{"customer_ids": []id.ID{ids["C00"], ids["C01"]}})
	mine, other := made[0].Token, made[1].Token
	public := h.visitor("")
	at := func(token string) string { return "/answers/" + token }

	before := h.fingerprintOf("invitation", "response", "login_attempt", "change_log")
	page := public.must(http.MethodGet, at(mine), nil, http.StatusOK, nil)
	public.do(http.MethodHead, at(mine), nil)
	if h.fingerprintOf("invitation", "response", "login_attempt", "change_log") != before {
		t.Error("looking changed something")
	}
	for _, secret := range []string{"Customer 0", "C00", string(ids["C00"]), string(sat.ID), `"sat"`} {
		if strings.Contains(string(page.body), secret) {
			t.Errorf("the page tells %s: %s", secret, page.body)
		}
	}
	good := answered("products", 8, "delivery", 6, "service", 10, "price", 4)
	public.must(http.MethodPut, at(mine), good, http.StatusPreconditionRequired, nil)
	public.must(http.MethodPut, at(mine), answered("products", 8), http.StatusUnprocessableEntity, nil, "If-Match", `"0"`)
	public.must(http.MethodPut, at(mine), map[string]any{"answers": good["answers"], "customer_id": ids["C05"]}, http.StatusUnprocessableEntity, nil, "If-Match", `"0"`)
	public.must(http.MethodPut, at(mine), good, http.StatusOK, nil, "If-Match", page.header.Get("ETag"))
	public.must(http.MethodPut, at(mine), good, http.StatusPreconditionFailed, nil, "If-Match", `"0"`) // replayed
	public.must(http.MethodPut, at(mine), good, http.StatusOK, nil, "If-Match", `"1"`)                 // corrected
	if r := public.must(http.MethodGet, at(other), nil, http.StatusOK, nil); strings.Contains(string(r.body), `"score"`) {
		t.Errorf("another link shows the answers: %s", r.body)
	}
	if r := public.do(http.MethodPut, at(mine), map[string]any{"answers": []any{map[string]any{"question": "remark", "text": strings.Repeat("x", 1<<20)}}}, "If-Match", `"2"`); r.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a huge body: %d", r.status)
	}

	// A right token answers some dozens of times in a quarter of an hour and no more.
	last := 0
	for range 40 {
		last = public.do(http.MethodPut, at(other), answered("products", 1), "If-Match", `"0"`).status
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("a flood of answers: %d", last)
	}

	// Forged, shortened, lengthened, and ids in place of tokens: not found, until the address has to wait.
	forged := []string{mine[:len(mine)-1], mine + "A", strings.ToLower(mine), mine[:20] + other[20:], made[0].ID, string(sat.ID), "null", "%00", "..%2f" + mine}
	flip := []byte(mine)
	flip[7] ^= 1
	forged = append(forged, string(flip))
	for _, token := range forged {
		if r := public.do(http.MethodGet, at(token), nil); r.status != http.StatusNotFound {
			t.Errorf("%q: got %d %s", token, r.status, r.body)
		}
		if r := public.do(http.MethodPut, at(token), good, "If-Match", `"0"`); r.status != http.StatusNotFound {
			t.Errorf("PUT %q: got %d %s", token, r.status, r.body)
		}
	}
	for range 60 {
		last = public.do(http.MethodGet, at("guess"), nil).status
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("guessing without end: %d", last)
	}
	h.admin.must(http.MethodPost, "/session", map[string]any{"email": "admin@example.com", "password": password}, http.StatusOK, nil) // signing in is not shut
	now = now.Add(16 * time.Minute)

	// Ended, closed, and of a questionnaire that is closed: each says so.
	says := func(token, code string) {
		t.Helper()
		for _, r := range []reply{public.do(http.MethodGet, at(token), nil), public.do(http.MethodPut, at(token), good, "If-Match", `"0"`)} {
			if r.status != http.StatusConflict || !strings.Contains(string(r.body), code) {
				t.Errorf("want %s, got %d %s", code, r.status, r.body)
			}
		}
	}
	h.admin.must(http.MethodPatch, "/invitations/"+made[0].ID, map[string]any{"closed": true}, http.StatusOK, nil, "If-Match", `"1"`)
	says(mine, "invitation.closed")
	h.admin.must(http.MethodPatch, "/surveys/"+string(sat.ID), map[string]any{"state": "closed"}, http.StatusOK, nil, "If-Match", `"1"`)
	says(other, "invitation.survey_closed")
	now = now.AddDate(0, 0, 31)
	says(other, "invitation.expired")
}

// A salesperson invites, records and corrects for their own customers alone, and makes no questionnaires.
func TestA01Answers(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	sat, ids := h.questionnaire("satisfaction", "sat"), h.customerIDs()
	sven := h.user("sven@example.com", "salesperson", map[string]any{"person_id": tw.sven.ID, "unit_id": tw.south.ID})
	nora := h.user("nora@example.com", "salesperson", map[string]any{"person_id": tw.nora.ID, "unit_id": tw.north.ID})
	body := answered("products", 8, "delivery", 6, "service", 10, "price", 4)
	body["survey_id"] = sat.ID
	theirs := nora.add("/customers/"+string(ids["C00"])+"/responses", body)
	var invited struct{ Items []record }
	nora.must(http.MethodPost, "/surveys/"+string(sat.ID)+"/invitations", map[string]any{"customer_ids": []id.ID{ids["C00"]}}, http.StatusCreated, &invited)
	before := h.fingerprintOf("survey", "response", "invitation")
	for _, try := range []struct {
		method, path string
		body         any
		status       int
	}{
		{http.MethodGet, "/responses/" + string(theirs.ID), nil, 404},
		{http.MethodPatch, "/responses/" + string(theirs.ID), map[string]any{"respondent": "x"}, 404},
		{http.MethodDelete, "/responses/" + string(theirs.ID), nil, 404},
		{http.MethodPatch, "/invitations/" + string(invited.Items[0].ID), map[string]any{"closed": true}, 404},
		{http.MethodPost, "/surveys/" + string(sat.ID) + "/invitations", map[string]any{"customer_ids": []id.ID{ids["C10"], ids["C00"]}}, 404},
		{http.MethodPost, "/surveys/" + string(sat.ID) + "/invitations/file", map[string]any{"customer_ids": []id.ID{ids["C10"]}, "address": "https://x.example"}, 403},
		{http.MethodPost, "/surveys", map[string]any{"code": "mine", "name": "Mine"}, 403},
		{http.MethodDelete, "/surveys/" + string(sat.ID), nil, 403},
	} {
		if r := sven.do(try.method, try.path, try.body, "If-Match", `"1"`); r.status != try.status {
			t.Errorf("%s %s: got %d %s, want %d", try.method, try.path, r.status, r.body, try.status)
		}
	}
	if h.fingerprintOf("survey", "response", "invitation") != before {
		t.Error("something was changed all the same")
	}
	for _, path := range []string{"/results", "/answers", "/invitations"} {
		if r := sven.must(http.MethodGet, "/surveys/"+string(sat.ID)+path, nil, 200, nil); strings.Contains(string(r.body), "C00") || strings.Contains(string(r.body), `"responses":1`) {
			t.Errorf("%s tells of another's customer: %s", path, r.body)
		}
	}
	r := h.admin.must(http.MethodPost, "/surveys/"+string(sat.ID)+"/invitations/file", map[string]any{"customer_ids": []id.ID{ids["C10"], ids["C11"]}, "address": "https://crm.example.com/x?y"}, 200, nil)
	rows, err := csv.NewReader(strings.NewReader(string(r.body))).ReadAll()
	if err != nil || len(rows) != 3 || !strings.HasPrefix(rows[1][4], "https://crm.example.com/answer/") {
		t.Fatalf("the file: %v %v", rows, err)
	}
	h.visitor("").must(http.MethodGet, "/answers/"+strings.TrimPrefix(rows[1][4], "https://crm.example.com/answer/"), nil, 200, nil)
}
