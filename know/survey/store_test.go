package survey_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/know/survey"
)

// desk is a store with a customer and an open questionnaire for customers.
type desk struct {
	*survey.Store
	t     *testing.T
	db    *db.DB
	clock time.Time
	c     *customer.Customer
	sat   *survey.Survey
}

func newDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	k := &desk{t: t, db: d, clock: time.Date(2026, 10, 31, 12, 0, 0, 0, time.UTC)}
	now := func() time.Time { return k.clock }
	customers := customer.NewStore(d, now)
	k.Store = survey.NewStore(d, customers, now)
	k.c = &customer.Customer{Code: "C1", Name: "One"}
	if err := customers.Create(t.Context(), access.Everything(), k.c); err != nil {
		t.Fatal(err)
	}
	k.sat = k.made("satisfaction", "sat")
	return k
}

// made opens a questionnaire of a preset.
func (k *desk) made(preset, code string) *survey.Survey {
	k.t.Helper()
	for _, p := range survey.Presets() {
		if p.Key == preset {
			s := &survey.Survey{Code: code, Name: preset, Audience: p.Audience, State: survey.Open, Introduction: p.Introduction, Questions: p.Questions}
			if err := k.Create(k.t.Context(), s); err != nil {
				k.t.Fatal(err)
			}
			return s
		}
	}
	k.t.Fatalf("no preset %s", preset)
	return nil
}

func score(question string, n float64) survey.Answer {
	return survey.Answer{Question: question, Score: &n}
}

func satisfied() survey.Answers {
	return survey.Answers{score("products", 8), score("delivery", 6), score("service", 9), score("price", 4), {Question: "remark", Text: " fine \x00"}}
}

// refused fails the test unless err is a fault of the code.
func refused(t *testing.T, err error, code string) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Code != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestPresetsStand(t *testing.T) {
	for _, p := range survey.Presets() {
		s := survey.Survey{Code: p.Key, Name: p.Key, Audience: p.Audience, State: survey.Open, Introduction: p.Introduction, Questions: p.Questions}
		s.Normalise()
		if err := s.Validate(); err != nil {
			t.Errorf("%s: %v", p.Key, err)
		}
		for _, q := range p.Questions {
			if len(q.Text) != 6 {
				t.Errorf("%s %s is written in %d languages", p.Key, q.Key, len(q.Text))
			}
		}
	}
}

func TestQuestionsStayOnceAnswered(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), t.Context()
		refused(t, k.Create(ctx, &survey.Survey{Code: "sat", Name: "Again", Audience: survey.ForCustomer, State: survey.Draft}), "survey.code_taken")
		reword := func(s *survey.Survey) { s.Questions[0].Text = survey.Texts{"en": "Other words"} }
		if _, err := k.Update(ctx, k.sat.ID, 1, reword); err != nil {
			t.Fatal(err)
		}
		_, err := k.Update(ctx, k.sat.ID, 1, reword)
		refused(t, err, "record.changed")
		r := &survey.Response{SurveyID: k.sat.ID, CustomerID: k.c.ID, Answers: satisfied()}
		if err := k.AddResponse(ctx, access.Everything(), r); err != nil {
			t.Fatal(err)
		}
		if r.AnsweredOn != "2026-10-31" || r.Answers[4].Text != "fine" {
			t.Errorf("recorded %+v", r)
		}
		for name, change := range map[string]func(*survey.Survey){
			"text":   func(s *survey.Survey) { s.Questions[0].Text = survey.Texts{"en": "Yet other words"} },
			"weight": func(s *survey.Survey) { s.Questions[0].Weight = 9 }, "code": func(s *survey.Survey) { s.Code = "x" },
			"order": func(s *survey.Survey) { s.Questions[0], s.Questions[1] = s.Questions[1], s.Questions[0] },
			"state": func(s *survey.Survey) { s.State = survey.Draft },
		} {
			_, err := k.Update(ctx, k.sat.ID, 2, change)
			if f := fault.Of(err); f == nil || f.Code != "survey.answered" {
				t.Errorf("changing the %s of an answered questionnaire: %v", name, err)
			}
		}
		refused(t, k.Delete(ctx, k.sat.ID, 2), "survey.answered")
		if _, err := k.Update(ctx, k.sat.ID, 2, func(s *survey.Survey) { s.Name, s.State = "Closed one", survey.Closed }); err != nil {
			t.Error(err)
		}
		refused(t, k.AddResponse(ctx, access.Everything(), &survey.Response{SurveyID: k.sat.ID, CustomerID: k.c.ID, Answers: satisfied()}), "survey.closed")
	})
}

func TestResponses(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ctx, all := audit.WithActor(t.Context(), audit.Actor{ID: id.New(), Name: "Nora"}), access.Everything()
		for name, c := range map[string]struct {
			answers survey.Answers
			path    string
		}{
			"too high": {append(satisfied()[1:], score("products", 11)), "answers.products"}, "a fraction": {append(satisfied()[1:], score("products", 7.5)), "answers.products"},
			"missing": {satisfied()[1:], "answers.products"}, "twice": {append(satisfied(), score("price", 4)), "answers.price"},
			"unknown": {append(satisfied(), score("colour", 4)), "answers.colour"}, "nothing": {nil, "answers"},
			"text for a score": {append(satisfied()[1:], survey.Answer{Question: "products", Text: "good"}), "answers.products"},
			"too long":         {append(satisfied()[:4:4], survey.Answer{Question: "remark", Text: strings.Repeat("ж", 2001)}), "answers.remark"},
		} {
			err := k.AddResponse(ctx, all, &survey.Response{SurveyID: k.sat.ID, CustomerID: k.c.ID, Answers: c.answers})
			if f := fault.Of(err); f == nil || f.Code != "response.invalid" || f.Fields[0].Path != c.path {
				t.Errorf("%s: %v", name, err)
			}
		}
		refused(t, k.AddResponse(ctx, all, &survey.Response{SurveyID: k.sat.ID, CustomerID: k.c.ID, AnsweredOn: "2026-11-01", Answers: satisfied()}), "response.invalid")
		refused(t, k.AddResponse(ctx, access.Reach{}, &survey.Response{SurveyID: k.sat.ID, CustomerID: k.c.ID, Answers: satisfied()}), "customer.not_found")

		r := &survey.Response{SurveyID: k.sat.ID, CustomerID: k.c.ID, Respondent: " Ann ", Answers: satisfied()}
		if err := k.AddResponse(ctx, all, r); err != nil {
			t.Fatal(err)
		}
		better := func(r *survey.Response) { r.Answers = append(satisfied()[1:], score("products", 10)) }
		if _, err := k.UpdateResponse(ctx, access.Reach{}, r.ID, 1, better); !fault.Is(err, fault.NotFound) {
			t.Errorf("out of reach: %v", err)
		}
		after, err := k.UpdateResponse(ctx, all, r.ID, 1, better)
		if err != nil || after.Version != 2 || after.Respondent != "Ann" || after.AuthorName != "Nora" {
			t.Errorf("corrected %+v, %v", after, err)
		}
		_, err = k.UpdateResponse(ctx, all, r.ID, 1, better)
		refused(t, err, "record.changed")
		refused(t, k.DeleteResponse(ctx, all, r.ID, 1), "record.changed")
		if err := k.DeleteResponse(ctx, all, r.ID, 2); err != nil {
			t.Error(err)
		}
		if list, err := k.Responses(ctx, all, k.c.ID, "", 9); err != nil || len(list) != 0 {
			t.Errorf("left %v, %v", list, err)
		}
		log, err := audit.List(ctx, d.Read(), audit.Query{Kind: "response", RecordID: r.ID, Limit: 9})
		if err != nil || len(log) != 3 {
			t.Errorf("the log has %d entries, %v", len(log), err)
		}

		// In a questionnaire for the company its author is who answered, whatever they say.
		relation := k.made("relation", "relation")
		b := &survey.Response{SurveyID: relation.ID, CustomerID: k.c.ID, Respondent: "Somebody else",
			Answers: survey.Answers{score("willingness", 8), score("ability", 8), score("reliability", 8), score("reachability", 8), score("involvement", 8)}}
		if err := k.AddResponse(ctx, all, b); err != nil || b.Respondent != "Nora" {
			t.Errorf("scored by %q, %v", b.Respondent, err)
		}
	})
}

func TestInvitations(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		k, ctx, all := newDesk(t, d), t.Context(), access.Everything()
		_, err := k.Invite(ctx, access.Reach{}, k.sat.ID, survey.Wish{Customers: []id.ID{k.c.ID}})
		refused(t, err, "customer.not_found")
		_, err = k.Invite(ctx, all, k.sat.ID, survey.Wish{})
		refused(t, err, "invitation.invalid")
		_, err = k.Invite(ctx, all, k.sat.ID, survey.Wish{Customers: []id.ID{k.c.ID}, ExpiresOn: "2026-10-30"})
		refused(t, err, "invitation.invalid")
		_, err = k.Invite(ctx, all, k.made("relation", "relation").ID, survey.Wish{Customers: []id.ID{k.c.ID}})
		refused(t, err, "survey.for_company")
		made, err := k.Invite(ctx, all, k.sat.ID, survey.Wish{Customers: []id.ID{k.c.ID, k.c.ID}, Respondent: "Ann"})
		if err != nil || len(made) != 1 || made[0].ExpiresOn != "2026-11-30" || len(made[0].Token) != 43 {
			t.Fatalf("made %+v, %v", made, err)
		}
		token := made[0].Token
		var kept []string
		if err := d.Read().NewSelect().Table("invitation").Column("token_hash").Scan(ctx, &kept); err != nil || strings.Contains(kept[0], token) {
			t.Errorf("kept %q, %v", kept, err)
		}
		sheet, err := k.AnswerSheet(ctx, token, 0, satisfied())
		if err != nil || sheet == nil {
			t.Fatal(err)
		}
		_, err = k.AnswerSheet(ctx, token, 0, satisfied()) // a second window, or the same press twice
		refused(t, err, "record.changed")
		if _, err := k.AnswerSheet(ctx, token, 1, satisfied()); err != nil {
			t.Error(err)
		}
		if n, err := k.Sent(ctx, all, k.sat.ID); err != nil || n != (survey.Sent{Invited: 1, Answered: 1}) {
			t.Errorf("counted %+v, %v", n, err)
		}
		list, err := k.Invitations(ctx, all, k.sat.ID, "", 9)
		if err != nil || len(list) != 1 || list[0].AnsweredOn != "2026-10-31" {
			t.Fatalf("listed %+v, %v", list, err)
		}
		closed, later := true, date.Date("2026-12-24")
		if _, err := k.UpdateInvitation(ctx, all, list[0].ID, 1, &closed, nil); err != nil {
			t.Fatal(err)
		}
		_, err = k.AnswerSheet(ctx, token, 2, satisfied())
		refused(t, err, "invitation.closed")
		closed = false
		if _, err := k.UpdateInvitation(ctx, all, list[0].ID, 2, &closed, &later); err != nil {
			t.Fatal(err)
		}
		k.clock = time.Date(2026, 12, 25, 0, 0, 0, 0, time.UTC)
		_, err = k.Sheet(ctx, token)
		refused(t, err, "invitation.expired")
		_, err = k.Sheet(ctx, token[:42]+"_")
		refused(t, err, "invitation.unknown")
	})
}
