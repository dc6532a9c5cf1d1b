package survey

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// insertAtOnce bounds the rows of one INSERT and the ids of one IN.
const insertAtOnce = 500

// Wish is what it takes to invite.
type Wish struct {
	Customers  []id.ID
	ExpiresOn  date.Date // empty: in 30 days
	Respondent string
	Email      string
}

// Invited is a new invitation with the secret of its link, which is told once.
type Invited struct {
	*Invitation
	Token string `json:"token" doc:"The secret of the link, told only now"`
}

func (i *Invitation) inUTC() { i.CreatedAt, i.UpdatedAt = i.CreatedAt.UTC(), i.UpdatedAt.UTC() }

// selectInvitations reads invitations about customers within reach.
func selectInvitations(idb bun.IDB, reach access.Reach, into any) (*bun.SelectQuery, error) {
	q := idb.NewSelect().Model(into).ColumnExpr("i.*, c.code AS customer_code, c.name AS customer_name, r.answered_on").
		Join("JOIN customer AS c ON c.id = i.customer_id").Join("LEFT JOIN response AS r ON r.invitation_id = i.id")
	return q, within(q, reach)
}

// Invite makes a link for each customer.
//
// Errors: NotFound for a questionnaire or customer that is not there or out of reach, Invalid, Conflict for a
// questionnaire that is not open.
func (s *Store) Invite(ctx context.Context, reach access.Reach, surveyID id.ID, wish Wish) ([]Invited, error) {
	customers := slices.Compact(slices.Sorted(slices.Values(wish.Customers)))
	if len(customers) == 0 || len(customers) > maxInvitations {
		return nil, fault.Check("invitation.invalid").That(false, "customer_ids", "Choose 1 to %d customers.", maxInvitations).Err()
	}
	if len(customers) > 1 && wish.Respondent+wish.Email != "" {
		return nil, fault.Check("invitation.invalid").That(false, "respondent", "Name a person for one customer at a time.").Err()
	}
	if wish.ExpiresOn == "" {
		wish.ExpiresOn = s.today().AddDays(linkDays)
	}
	var made []Invited
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		asked, err := openSurvey(ctx, tx, surveyID)
		if err != nil {
			return err
		}
		if asked.Audience != ForCustomer {
			return fault.New(fault.Conflict, "survey.for_company", "The questionnaire %q is for your own people; customers cannot be invited to it.", asked.Name)
		}
		made = made[:0]
		for some := range slices.Chunk(customers, insertAtOnce) {
			more, err := s.inviteSome(ctx, tx, reach, surveyID, some, wish)
			if err != nil {
				return err
			}
			made = append(made, more...)
		}
		return nil
	})
	return made, err
}

func (s *Store) inviteSome(ctx context.Context, tx bun.Tx, reach access.Reach, surveyID id.ID, customers []id.ID, wish Wish) ([]Invited, error) {
	var known []struct {
		ID   id.ID  `bun:"id"`
		Code string `bun:"code"`
		Name string `bun:"name"`
	}
	q := tx.NewSelect().TableExpr("customer AS c").ColumnExpr("c.id, c.code, c.name").Where("c.id IN (?)", bun.List(customers)).OrderExpr("c.code")
	if err := within(q, reach); err != nil {
		return nil, err
	}
	if err := q.Scan(ctx, &known); err != nil {
		return nil, fmt.Errorf("look for customers: %w", err)
	}
	if len(known) < len(customers) {
		return nil, fault.New(fault.NotFound, "customer.not_found", "A customer of the list is not among those you can see.")
	}
	made, changes, now := make([]Invited, len(known)), make([]audit.Change, len(known)), s.instant()
	rows := make([]*Invitation, len(known))
	for n, c := range known {
		token := newToken()
		one := &Invitation{ID: id.New(), SurveyID: surveyID, CustomerID: c.ID, TokenHash: fingerprint(token), Respondent: wish.Respondent, Email: wish.Email,
			ExpiresOn: wish.ExpiresOn, CreatedByName: audit.ActorOf(ctx).Name, Version: 1, CreatedAt: now, UpdatedAt: now, CustomerCode: c.Code, CustomerName: c.Name}
		if err := one.check(s.today()); err != nil {
			return nil, err
		}
		rows[n], made[n] = one, Invited{one, token}
		changes[n] = audit.Change{Kind: auditInvitation, ID: one.ID, Action: audit.Create, After: one}
	}
	if _, err := tx.NewInsert().Model(&rows).Returning("NULL").Exec(ctx); err != nil {
		return nil, fmt.Errorf("write invitations: %w", err)
	}
	return made, audit.Record(ctx, tx, changes...)
}

// Invitations returns up to limit invitations to a questionnaire, the latest first, those before an id.
func (s *Store) Invitations(ctx context.Context, reach access.Reach, surveyID, before id.ID, limit int) ([]*Invitation, error) {
	if _, err := s.Survey(ctx, surveyID); err != nil {
		return nil, err
	}
	var rows []*Invitation
	q, err := selectInvitations(s.db.Read(), reach, &rows)
	if err != nil {
		return nil, err
	}
	q.Where("i.survey_id = ?", surveyID).Order("i.id DESC").Limit(int64(limit))
	if before != "" {
		q.Where("i.id < ?", before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read invitations: %w", err)
	}
	for _, one := range rows {
		one.inUTC()
	}
	return rows, nil
}

// Sent counts the invitations to a questionnaire.
type Sent struct {
	Invited  int64 `json:"invited" bun:"invited"`
	Answered int64 `json:"answered" bun:"answered" doc:"Of the invited"`
	Open     int64 `json:"open" bun:"open" doc:"Not answered, and can still be"`
}

// Sent counts the invitations about customers within reach.
func (s *Store) Sent(ctx context.Context, reach access.Reach, surveyID id.ID) (n Sent, err error) {
	q := s.db.Read().NewSelect().TableExpr("invitation AS i").
		ColumnExpr("count(*) AS invited, count(r.id) AS answered").
		ColumnExpr("count(CASE WHEN r.id IS NULL AND NOT i.closed AND i.expires_on >= ? THEN 1 END) AS open", s.today()).
		Join("JOIN customer AS c ON c.id = i.customer_id").Join("LEFT JOIN response AS r ON r.invitation_id = i.id").Where("i.survey_id = ?", surveyID)
	if err := within(q, reach); err != nil {
		return n, err
	}
	if err := q.Scan(ctx, &n); err != nil {
		return n, fmt.Errorf("count invitations: %w", err)
	}
	return n, nil
}

// UpdateInvitation closes an invitation, opens it again or lets it end on another day.
//
// Errors: NotFound, Precondition when somebody else changed it, Invalid.
func (s *Store) UpdateInvitation(ctx context.Context, reach access.Reach, invitationID id.ID, version int64, closed *bool, expiresOn *date.Date) (*Invitation, error) {
	var after *Invitation
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before := &Invitation{}
		q, err := selectInvitations(tx, reach, before)
		if err != nil {
			return err
		}
		err = q.Where("i.id = ?", invitationID).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "invitation.not_found", "There is no such invitation among the customers you can see.")
		}
		if err != nil {
			return fmt.Errorf("read an invitation: %w", err)
		}
		before.inUTC()
		one := *before
		one.Version, one.UpdatedAt = version+1, s.instant()
		if closed != nil {
			one.Closed = *closed
		}
		if expiresOn != nil {
			one.ExpiresOn = *expiresOn
			if err := one.check(s.today()); err != nil {
				return err
			}
		}
		res, err := tx.NewUpdate().Model(&one).Column("closed", "expires_on", "version", "updated_at").WherePK().Where("i.version = ?", version).Exec(ctx)
		if err != nil {
			return fmt.Errorf("write an invitation: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, web.Stale())
		}
		after = &one
		return audit.Record(ctx, tx, audit.Change{Kind: auditInvitation, ID: one.ID, Action: audit.Update, Before: before, After: after})
	})
	return after, err
}

// Sheet is what somebody with a link sees: the questionnaire, and what they answered before.
type Sheet struct {
	invitation *Invitation
	asked      *Survey
	given      *Response // nil before the first answer
}

// version is that of the answers, 0 before the first.
func (sh *Sheet) version() int64 {
	if sh.given == nil {
		return 0
	}
	return sh.given.Version
}

// Sheet returns what the link of a token leads to. It changes nothing.
//
// Errors: NotFound for a token that no link has, Conflict for a link that has ended or was closed.
func (s *Store) Sheet(ctx context.Context, token string) (*Sheet, error) {
	return s.sheet(ctx, s.db.Read(), token)
}

func (s *Store) sheet(ctx context.Context, idb bun.IDB, token string) (*Sheet, error) {
	one := &Invitation{}
	err := idb.NewSelect().Model(one).Where("i.token_hash = ?", fingerprint(token)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "invitation.unknown", "This link does not work. Check that it was copied completely, or ask whoever sent it for a new one.")
	}
	if err != nil {
		return nil, fmt.Errorf("read an invitation: %w", err)
	}
	if one.Closed {
		return nil, fault.New(fault.Conflict, "invitation.closed", "This link was closed and takes no answers any more.")
	}
	if one.ExpiresOn < s.today() {
		return nil, fault.New(fault.Conflict, "invitation.expired", "This link worked until %s and has ended. Ask whoever sent it for a new one.", one.ExpiresOn)
	}
	asked, err := getSurvey(ctx, idb, one.SurveyID)
	if err != nil {
		return nil, err
	}
	if asked.State != Open {
		return nil, fault.New(fault.Conflict, "invitation.survey_closed", "The questionnaire is closed and takes no answers any more. Thank you all the same.")
	}
	sh := &Sheet{invitation: one, asked: asked}
	given := &Response{}
	err = idb.NewSelect().Model(given).Where("r.invitation_id = ?", one.ID).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return nil, fmt.Errorf("read a response: %w", err)
	default:
		given.inUTC()
		sh.given = given
	}
	return sh, nil
}

// AnswerSheet records or corrects the answers of whoever has the token, when version is still the one that was read.
//
// Errors: those of Sheet, Invalid with every answer at fault, Precondition when it was answered in between.
func (s *Store) AnswerSheet(ctx context.Context, token string, version int64, answers Answers) (*Sheet, error) {
	var after *Sheet
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		sh, err := s.sheet(ctx, tx, token)
		if err != nil {
			return err
		}
		// Nobody is signed in; the log says by what way the answers came.
		ctx = audit.WithActor(ctx, audit.Actor{Name: "Answer link"})
		if sh.asked, err = openSurvey(ctx, tx, sh.asked.ID); err != nil {
			return err
		}
		if sh.version() != version {
			return web.Stale()
		}
		if sh.given != nil {
			r := *sh.given
			r.Answers = answers
			sh.given, err = s.writeResponse(ctx, tx, sh.asked, sh.given, &r, version)
			after = sh
			return err
		}
		r := &Response{ID: id.New(), SurveyID: sh.asked.ID, CustomerID: sh.invitation.CustomerID, InvitationID: sh.invitation.ID, AnsweredOn: s.today(),
			Respondent: sh.invitation.Respondent, Answers: answers, Version: 1, CreatedAt: s.instant(), UpdatedAt: s.instant()}
		r.Normalise()
		if err := r.check(sh.asked, s.today()); err != nil {
			return err
		}
		if err := insertResponse(ctx, tx, r); db.IsUnique(err) {
			return web.Stale()
		} else if err != nil {
			return err
		}
		sh.given, after = r, sh
		return nil
	})
	return after, err
}
