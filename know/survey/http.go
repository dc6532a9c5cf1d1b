package survey

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/internal/web"
)

// Doors guards what needs no sign-in against guessing and flooding; *access.Gate does.
type Doors interface {
	Guess(ctx context.Context, try func() error) error
	Ration(ctx context.Context, secret string) error
}

// Config is what the routes are made of.
type Config struct {
	Store     *Store
	Reports   *Reports
	Customers Customers
	Doors     Doors
	Company   func(ctx context.Context) (access.Company, error) // for whoever answers, its name alone
}

type handlers struct{ Config }

// Form is what people fill in of a questionnaire. A field that is left out of a change stays as it is.
type Form struct {
	Code         *string    `json:"code,omitempty" maxLength:"60"`
	Name         *string    `json:"name,omitempty" maxLength:"200"`
	Audience     *string    `json:"audience,omitempty" enum:"customer,company"`
	State        *string    `json:"state,omitempty" enum:"draft,open,closed"`
	Introduction *Texts     `json:"introduction,omitempty"`
	Questions    *Questions `json:"questions,omitempty" maxItems:"60"`
}

func (f Form) apply(s *Survey) {
	for _, t := range []struct{ from, to *string }{{f.Code, &s.Code}, {f.Name, &s.Name}, {f.Audience, &s.Audience}, {f.State, &s.State}} {
		if t.from != nil {
			*t.to = *t.from
		}
	}
	if f.Introduction != nil {
		s.Introduction = *f.Introduction
	}
	if f.Questions != nil {
		s.Questions = *f.Questions
	}
}

type pathInput struct {
	ID id.ID `path:"id" format:"uuid"`
}

// PeriodInput is embedded in the input of questions about a period.
type PeriodInput struct {
	From date.Date `query:"from" doc:"First day of the answers"`
	To   date.Date `query:"to" doc:"Last day of the answers"`
}

func (in PeriodInput) period() (Period, error) {
	for _, d := range []struct {
		name string
		day  date.Date
	}{{"from", in.From}, {"to", in.To}} {
		if err := web.CheckDate("survey", d.name, d.day); err != nil {
			return Period{}, err
		}
	}
	return Period{From: in.From, To: in.To}, nil
}

// Routes adds questionnaires, responses, invitations and the public page to the interface.
func Routes(api *web.API, cfg Config) {
	h := handlers{cfg}
	h.surveyRoutes(api)
	h.resultRoutes(api)
	h.responseRoutes(api)
	h.invitationRoutes(api)
	h.publicRoutes(api)
}

func (h handlers) surveyRoutes(api *web.API) {
	web.Handle(api, access.SurveyRead, web.Route{Method: http.MethodGet, Path: "/surveys", Name: "survey_list", Summary: "All questionnaires"},
		func(ctx context.Context, _ *struct{}) (*web.Body[web.Page[*Survey]], error) {
			rows, err := h.Store.Surveys(ctx)
			if err != nil {
				return nil, err
			}
			return web.PageOf(rows, len(rows), nil), nil
		})
	web.Handle(api, access.SurveyRead, web.Route{Method: http.MethodGet, Path: "/surveys/presets", Name: "survey_presets", Summary: "Questionnaires to begin with"},
		func(_ context.Context, _ *struct{}) (*web.Body[web.Page[Preset]], error) {
			all := Presets()
			return web.PageOf(all, len(all), nil), nil
		})
	web.Handle(api, access.SurveyRead, web.Route{Method: http.MethodGet, Path: "/surveys/{id}", Name: "survey_get", Summary: "One questionnaire"},
		func(ctx context.Context, in *pathInput) (*web.Record[*Survey], error) {
			one, err := h.Store.Survey(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return web.Versioned(one, one.Version), nil
		})
	web.Handle(api, access.SurveyWrite, web.Route{Method: http.MethodPost, Path: "/surveys", Name: "survey_create", Summary: "Add a questionnaire", Status: http.StatusCreated},
		func(ctx context.Context, in *struct{ Body Form }) (*web.Record[*Survey], error) {
			one := &Survey{Audience: ForCustomer, State: Draft}
			in.Body.apply(one)
			if err := h.Store.Create(ctx, one); err != nil {
				return nil, err
			}
			return web.Versioned(one, one.Version), nil
		})
	web.Handle(api, access.SurveyWrite, web.Route{Method: http.MethodPatch, Path: "/surveys/{id}", Name: "survey_update", Summary: "Change a questionnaire"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			ID   id.ID `path:"id" format:"uuid"`
			Body Form
		}) (*web.Record[*Survey], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			one, err := h.Store.Update(ctx, in.ID, version, in.Body.apply)
			if err != nil {
				return nil, err
			}
			return web.Versioned(one, one.Version), nil
		})
	web.Handle(api, access.SurveyWrite, web.Route{Method: http.MethodDelete, Path: "/surveys/{id}", Name: "survey_delete", Summary: "Delete a questionnaire that nobody has answered"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			ID id.ID `path:"id" format:"uuid"`
		}) (*struct{}, error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			return nil, h.Store.Delete(ctx, in.ID, version)
		})
}

// Outcome is the results of a questionnaire and how many of the invited answered.
type Outcome struct {
	Results
	Sent Sent `json:"sent"`
}

// BehindInput is the input of questions for the answers behind a figure.
type BehindInput struct {
	PeriodInput
	ID       id.ID  `path:"id" format:"uuid"`
	Question string `query:"question" maxLength:"200"`
	Score    string `query:"score" pattern:"^[0-9]{0,3}$" doc:"Answers with this score, rounded"`
}

func (in BehindInput) behind() (Behind, error) {
	p, err := in.period()
	b := Behind{Period: p, Question: in.Question}
	if n, wrong := strconv.ParseInt(in.Score, 10, 64); wrong == nil {
		b.Score = &n
	}
	return b, err
}

func (h handlers) resultRoutes(api *web.API) {
	web.Handle(api, access.SurveyRead, web.Route{Method: http.MethodGet, Path: "/surveys/{id}/results", Name: "survey_results",
		Summary: "What was answered about the customers within your reach, entered and imported"},
		func(ctx context.Context, in *struct {
			PeriodInput
			ID id.ID `path:"id" format:"uuid"`
		}) (*web.Body[Outcome], error) {
			p, err := in.period()
			if err != nil {
				return nil, err
			}
			one, err := h.Store.Survey(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			results, err := h.Reports.Results(ctx, access.ReachOf(ctx), one.Code, p)
			if err != nil {
				return nil, err
			}
			sent, err := h.Store.Sent(ctx, access.ReachOf(ctx), in.ID)
			return web.Answer(Outcome{Results: results, Sent: sent}), err
		})
	web.Handle(api, access.SurveyRead, web.Route{Method: http.MethodGet, Path: "/surveys/{id}/answers", Name: "survey_answers", Summary: "The answers behind a figure, the latest first"},
		func(ctx context.Context, in *struct {
			web.PageInput
			BehindInput
		}) (*web.Body[web.Page[Given]], error) {
			b, err := in.behind()
			if err != nil {
				return nil, err
			}
			if b.After, err = afterAnswer(in.Cursor); err != nil {
				return nil, err
			}
			b.Limit = in.Limit + 1
			one, err := h.Store.Survey(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			rows, err := h.Reports.Answers(ctx, access.ReachOf(ctx), one.Code, b)
			if err != nil {
				return nil, err
			}
			return web.PageOf(rows, in.Limit, func(last Given) string { return filter.Cursor(last.AnsweredOn, last.ID) }), nil
		})
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodGet, Path: "/surveys/{id}/answers/export", Name: "survey_answers_export", Summary: "The answers behind a figure as a CSV file"},
		func(ctx context.Context, in *BehindInput) (*huma.StreamResponse, error) {
			b, err := in.behind()
			if err != nil {
				return nil, err
			}
			one, err := h.Store.Survey(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return web.Attachment(web.CSV, "answers-"+one.Code+".csv", func(to io.Writer) error {
				return h.export(ctx, to, one.Code, b)
			}), nil
		})
	web.Handle(api, access.SurveyRead, web.Route{Method: http.MethodGet, Path: "/customers/{id}/answers", Name: "customer_answers",
		Summary: "What is known of a customer from answers: topics, and the five Bs by who scored them"},
		func(ctx context.Context, in *pathInput) (*web.Body[Standing], error) {
			if err := h.Customers.Within(ctx, access.ReachOf(ctx), in.ID); err != nil {
				return nil, err
			}
			s, err := h.Reports.Standing(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return web.Answer(s), nil
		})
}

// afterAnswer reads a cursor: the date and id of an answer.
func afterAnswer(cursor string) ([]any, error) {
	after, err := filter.ParseCursor(cursor, 2)
	if err != nil || after == nil {
		return nil, err
	}
	day, isText := after[0].(string)
	last, isID := after[1].(string)
	if !isText || !date.Date(day).Valid() || !isID || !id.Valid(last) {
		return nil, fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
	}
	return []any{date.Date(day), last}, nil
}

// exportRows is how many answers are read at once for a file.
const exportRows = 10_000

func (h handlers) export(ctx context.Context, to io.Writer, survey string, b Behind) error {
	w := tabular.NewCSVWriter(to)
	if err := w.Titles("customer", "name", "date", "question", "topic", "score", "respondent"); err != nil {
		return err
	}
	b.Limit = exportRows
	for {
		rows, err := h.Reports.Answers(ctx, access.ReachOf(ctx), survey, b)
		if err != nil {
			return err
		}
		for _, g := range rows {
			score := tabular.Number(strconv.FormatFloat(g.Score, 'f', -1, 64))
			if err := w.Row(g.CustomerCode, g.CustomerName, string(g.AnsweredOn), g.Question, g.Topic, score, g.Respondent); err != nil {
				return err
			}
		}
		if len(rows) < exportRows {
			return w.Flush()
		}
		b.After = []any{rows[len(rows)-1].AnsweredOn, string(rows[len(rows)-1].ID)}
	}
}
