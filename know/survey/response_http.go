package survey

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// ResponseForm is what people fill in of a response. A field that is left out of a change stays as it is.
type ResponseForm struct {
	SurveyID   id.ID    `json:"survey_id,omitempty" format:"uuid" doc:"Of a new response"`
	AnsweredOn *string  `json:"answered_on,omitempty" format:"date" doc:"Today when left out of a new one"`
	Respondent *string  `json:"respondent,omitempty" maxLength:"200"`
	Answers    *Answers `json:"answers,omitempty" maxItems:"60"`
}

func (f ResponseForm) apply(r *Response) {
	if f.AnsweredOn != nil {
		r.AnsweredOn = date.Date(*f.AnsweredOn)
	}
	if f.Respondent != nil {
		r.Respondent = *f.Respondent
	}
	if f.Answers != nil {
		r.Answers = *f.Answers
	}
}

// idCursor reads a cursor that is one id.
func idCursor(cursor string) (id.ID, error) {
	after, err := filter.ParseCursor(cursor, 1)
	if err != nil || after == nil {
		return "", err
	}
	if text, ok := after[0].(string); ok && id.Valid(text) {
		return id.ID(text), nil
	}
	return "", fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
}

func (h handlers) responseRoutes(api *web.API) {
	web.Handle(api, access.SurveyRead, web.Route{Method: http.MethodGet, Path: "/customers/{id}/responses", Name: "response_list",
		Summary: "The responses about a customer that people entered, the latest first"},
		func(ctx context.Context, in *struct {
			web.PageInput
			ID id.ID `path:"id" format:"uuid"`
		}) (*web.Body[web.Page[*Response]], error) {
			before, err := idCursor(in.Cursor)
			if err != nil {
				return nil, err
			}
			rows, err := h.Store.Responses(ctx, access.ReachOf(ctx), in.ID, before, in.Limit+1)
			if err != nil {
				return nil, err
			}
			return web.PageOf(rows, in.Limit, func(last *Response) string { return filter.Cursor(last.ID) }), nil
		})
	web.Handle(api, access.AnswerWrite, web.Route{Method: http.MethodPost, Path: "/customers/{id}/responses", Name: "response_create",
		Summary: "Record what somebody answered about a customer", Status: http.StatusCreated},
		func(ctx context.Context, in *struct {
			ID   id.ID `path:"id" format:"uuid"`
			Body ResponseForm
		}) (*web.Record[*Response], error) {
			r := &Response{CustomerID: in.ID, SurveyID: in.Body.SurveyID, Answers: Answers{}}
			in.Body.apply(r)
			if err := h.Store.AddResponse(ctx, access.ReachOf(ctx), r); err != nil {
				return nil, err
			}
			return web.Versioned(r, r.Version), nil
		})
	web.Handle(api, access.SurveyRead, web.Route{Method: http.MethodGet, Path: "/responses/{id}", Name: "response_get", Summary: "One response"},
		func(ctx context.Context, in *pathInput) (*web.Record[*Response], error) {
			r, err := h.Store.Response(ctx, access.ReachOf(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return web.Versioned(r, r.Version), nil
		})
	web.Handle(api, access.AnswerWrite, web.Route{Method: http.MethodPatch, Path: "/responses/{id}", Name: "response_update", Summary: "Correct a response"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			ID   id.ID `path:"id" format:"uuid"`
			Body ResponseForm
		}) (*web.Record[*Response], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			r, err := h.Store.UpdateResponse(ctx, access.ReachOf(ctx), in.ID, version, in.Body.apply)
			if err != nil {
				return nil, err
			}
			return web.Versioned(r, r.Version), nil
		})
	web.Handle(api, access.AnswerWrite, web.Route{Method: http.MethodDelete, Path: "/responses/{id}", Name: "response_delete", Summary: "Remove a response"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			ID id.ID `path:"id" format:"uuid"`
		}) (*struct{}, error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			return nil, h.Store.DeleteResponse(ctx, access.ReachOf(ctx), in.ID, version)
		})
}
