package survey

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/internal/web"
)

// maxSheet is how long the answers that come by a link may be, in bytes: sixty texts of two thousand characters fit.
const maxSheet = 512 << 10

// InvitationForm is what it takes to invite customers.
type InvitationForm struct {
	CustomerIDs []id.ID `json:"customer_ids" minItems:"1" maxItems:"5000"`
	ExpiresOn   string  `json:"expires_on,omitempty" format:"date" doc:"The last day the link works, UTC; in 30 days when left out"`
	Respondent  string  `json:"respondent,omitempty" maxLength:"200" doc:"Who is asked, of one customer"`
	Email       string  `json:"email,omitempty" maxLength:"254"`
}

func (f InvitationForm) wish() Wish {
	return Wish{Customers: f.CustomerIDs, ExpiresOn: date.Date(f.ExpiresOn), Respondent: f.Respondent, Email: f.Email}
}

func (h handlers) invitationRoutes(api *web.API) {
	web.Handle(api, access.SurveyRead, web.Route{Method: http.MethodGet, Path: "/surveys/{id}/invitations", Name: "invitation_list",
		Summary: "The invitations to a questionnaire, the latest first"},
		func(ctx context.Context, in *struct {
			web.PageInput
			ID id.ID `path:"id" format:"uuid"`
		}) (*web.Body[web.Page[*Invitation]], error) {
			before, err := idCursor(in.Cursor)
			if err != nil {
				return nil, err
			}
			rows, err := h.Store.Invitations(ctx, access.ReachOf(ctx), in.ID, before, in.Limit+1)
			if err != nil {
				return nil, err
			}
			return web.PageOf(rows, in.Limit, func(last *Invitation) string { return filter.Cursor(last.ID) }), nil
		})
	web.Handle(api, access.AnswerWrite, web.Route{Method: http.MethodPost, Path: "/surveys/{id}/invitations", Name: "invitation_create",
		Summary: "Invite customers to answer by a link; the links are told only now", Status: http.StatusCreated, Secret: true},
		func(ctx context.Context, in *struct {
			ID   id.ID `path:"id" format:"uuid"`
			Body InvitationForm
		}) (*web.Body[web.Page[Invited]], error) {
			made, err := h.Store.Invite(ctx, access.ReachOf(ctx), in.ID, in.Body.wish())
			if err != nil {
				return nil, err
			}
			return web.PageOf(made, len(made), nil), nil
		})
	web.Handle(api, access.ExportRun, web.Route{Method: http.MethodPost, Path: "/surveys/{id}/invitations/file", Name: "invitation_file",
		Summary: "Invite customers and get their links as a CSV file", Secret: true},
		func(ctx context.Context, in *struct {
			ID   id.ID `path:"id" format:"uuid"`
			Body struct {
				InvitationForm
				Address string `json:"address" format:"uri" maxLength:"500" doc:"Where your people and customers reach this program, such as https://crm.example.com"`
			}
		}) (*huma.StreamResponse, error) {
			at, err := url.Parse(in.Body.Address)
			if err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" || at.User != nil {
				return nil, fault.Check("invitation.invalid").That(false, "address", "Give the address of this program, such as https://crm.example.com.").Err()
			}
			made, err := h.Store.Invite(ctx, access.ReachOf(ctx), in.ID, in.Body.wish())
			if err != nil {
				return nil, err
			}
			return web.Attachment(web.CSV, "invitations.csv", func(to io.Writer) error { return writeLinks(to, at, made) }), nil
		})
	web.Handle(api, access.AnswerWrite, web.Route{Method: http.MethodPatch, Path: "/invitations/{id}", Name: "invitation_update",
		Summary: "Close an invitation, open it again, or let it end on another day"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			ID   id.ID `path:"id" format:"uuid"`
			Body struct {
				Closed    *bool      `json:"closed,omitempty"`
				ExpiresOn *date.Date `json:"expires_on,omitempty"`
			}
		}) (*web.Record[*Invitation], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			one, err := h.Store.UpdateInvitation(ctx, access.ReachOf(ctx), in.ID, version, in.Body.Closed, in.Body.ExpiresOn)
			if err != nil {
				return nil, err
			}
			return web.Versioned(one, one.Version), nil
		})
}

func writeLinks(to io.Writer, at *url.URL, made []Invited) error {
	w := tabular.NewCSVWriter(to)
	if err := w.Titles("customer", "name", "respondent", "email", "link", "works_until"); err != nil {
		return err
	}
	base := url.URL{Scheme: at.Scheme, Host: at.Host}
	for _, one := range made {
		if err := w.Row(one.CustomerCode, one.CustomerName, one.Respondent, one.Email, base.JoinPath("answer", one.Token).String(), string(one.ExpiresOn)); err != nil {
			return err
		}
	}
	return w.Flush()
}

// PublicQuestion is a question as whoever answers sees it.
type PublicQuestion struct {
	Key      string  `json:"key"`
	Text     Texts   `json:"text" doc:"By language"`
	Topic    string  `json:"topic"`
	From     float64 `json:"from" doc:"Lowest score; meaningless for a comment"`
	To       float64 `json:"to" doc:"Highest score"`
	Required bool    `json:"required"`
}

// PublicSheet is what a link leads to: the company's name and the questions, nothing of the customer.
type PublicSheet struct {
	Company      string           `json:"company"`
	Introduction Texts            `json:"introduction"`
	Questions    []PublicQuestion `json:"questions" nullable:"false"`
	Answers      Answers          `json:"answers" nullable:"false" doc:"As given by this link before"`
	AnsweredOn   date.Date        `json:"answered_on,omitempty" doc:"Absent before the first answer"`
	ExpiresOn    date.Date        `json:"expires_on" doc:"The last day on which answers can be given or corrected, UTC"`
}

func (h handlers) public(ctx context.Context, sh *Sheet) (*web.Record[PublicSheet], error) {
	company, err := h.Company(ctx)
	if err != nil {
		return nil, err
	}
	out := PublicSheet{Company: company.Name, Introduction: sh.asked.Introduction, Questions: []PublicQuestion{}, Answers: Answers{}, ExpiresOn: sh.invitation.ExpiresOn}
	for _, q := range sh.asked.Questions {
		s, _ := scaleOf(q.Topic)
		out.Questions = append(out.Questions, PublicQuestion{Key: q.Key, Text: q.Text, Topic: q.Topic, From: s.from, To: s.to, Required: q.Required})
	}
	if sh.given != nil {
		out.Answers, out.AnsweredOn = sh.given.Answers, sh.given.AnsweredOn
	}
	return web.Versioned(out, sh.version()), nil
}

func (h handlers) publicRoutes(api *web.API) {
	web.Handle(api, access.Public, web.Route{Method: http.MethodGet, Path: "/answers/{token}", Name: "answer_sheet", Summary: "The questionnaire of a link"},
		func(ctx context.Context, in *struct {
			Token string `path:"token" maxLength:"200"`
		}) (*web.Record[PublicSheet], error) {
			var sh *Sheet
			err := h.Doors.Guess(ctx, func() (err error) {
				sh, err = h.Store.Sheet(ctx, in.Token)
				return err
			})
			if err != nil {
				return nil, err
			}
			return h.public(ctx, sh)
		})
	web.Handle(api, access.Public, web.Route{Method: http.MethodPut, Path: "/answers/{token}", Name: "answer_sheet_put", MaxBody: maxSheet,
		Summary: "Answer the questionnaire of a link, or correct the answers"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			Token string `path:"token" maxLength:"200"`
			Body  struct {
				Answers Answers `json:"answers" maxItems:"60"`
			}
		}) (*web.Record[PublicSheet], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			// First by reading alone: a wrong token must not reach the writer.
			err = h.Doors.Guess(ctx, func() error {
				_, err := h.Store.Sheet(ctx, in.Token)
				return err
			})
			if err != nil {
				return nil, err
			}
			if err := h.Doors.Ration(ctx, in.Token); err != nil {
				return nil, err
			}
			sh, err := h.Store.AnswerSheet(ctx, in.Token, version, in.Body.Answers)
			if err != nil {
				return nil, err
			}
			return h.public(ctx, sh)
		})
}
