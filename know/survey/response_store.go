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
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// within narrows a question that reads customers as c to those in reach.
func within(q *bun.SelectQuery, reach access.Reach) error {
	clause, err := filter.Compile(reach.Filter("unit", "owner"), filter.Columns{"unit": "c.unit_id", "owner": "c.owner_id"})
	if err != nil {
		return err
	}
	q.Where(clause.SQL, clause.Args...)
	return nil
}

func (r *Response) inUTC() { r.CreatedAt, r.UpdatedAt = r.CreatedAt.UTC(), r.UpdatedAt.UTC() }

// selectResponses reads responses about customers within reach.
func selectResponses(idb bun.IDB, reach access.Reach, into any) (*bun.SelectQuery, error) {
	q := idb.NewSelect().Model(into).ColumnExpr("r.*, s.name AS survey_name").
		Join("JOIN survey AS s ON s.id = r.survey_id").Join("JOIN customer AS c ON c.id = r.customer_id")
	return q, within(q, reach)
}

// Responses returns up to limit responses about a customer, those entered last first, those before an id.
//
// Errors: NotFound out of reach.
func (s *Store) Responses(ctx context.Context, reach access.Reach, customerID, before id.ID, limit int) ([]*Response, error) {
	if err := s.customers.Within(ctx, reach, customerID); err != nil {
		return nil, err
	}
	var rows []*Response
	q, err := selectResponses(s.db.Read(), reach, &rows)
	if err != nil {
		return nil, err
	}
	q.Where("r.customer_id = ?", customerID).Order("r.id DESC").Limit(int64(limit))
	if before != "" {
		q.Where("r.id < ?", before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read responses: %w", err)
	}
	for _, r := range rows {
		r.inUTC()
	}
	return rows, nil
}

// Response returns a response about a customer within reach (NotFound).
func (s *Store) Response(ctx context.Context, reach access.Reach, responseID id.ID) (*Response, error) {
	return getResponse(ctx, s.db.Read(), reach, responseID)
}

func getResponse(ctx context.Context, idb bun.IDB, reach access.Reach, responseID id.ID) (*Response, error) {
	r := &Response{}
	q, err := selectResponses(idb, reach, r)
	if err != nil {
		return nil, err
	}
	err = q.Where("r.id = ?", responseID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "response.not_found", "There is no such response among the customers you can see.")
	}
	if err != nil {
		return nil, fmt.Errorf("read a response: %w", err)
	}
	r.inUTC()
	return r, nil
}

// AddResponse records what somebody answered about a customer within reach, and fills in its id, version, times and
// author. In a questionnaire for the company its author is who answered.
//
// Errors: Invalid with every answer at fault, NotFound, Conflict when the questionnaire is not open.
func (s *Store) AddResponse(ctx context.Context, reach access.Reach, r *Response) error {
	if err := s.customers.Within(ctx, reach, r.CustomerID); err != nil {
		return err
	}
	actor := audit.ActorOf(ctx)
	r.ID, r.Version, r.CreatedAt, r.AuthorID, r.AuthorName = id.New(), 1, s.instant(), actor.ID, actor.Name
	r.UpdatedAt = r.CreatedAt
	if r.AnsweredOn == "" {
		r.AnsweredOn = s.today()
	}
	r.Normalise()
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		asked, err := openSurvey(ctx, tx, r.SurveyID)
		if err != nil {
			return err
		}
		if asked.Audience == ForCompany {
			r.Respondent = r.AuthorName
		}
		if err := r.check(asked, s.today()); err != nil {
			return err
		}
		r.SurveyName = asked.Name
		return insertResponse(ctx, tx, r)
	})
}

// openSurvey reads a questionnaire and refuses one that takes no answers.
func openSurvey(ctx context.Context, tx bun.Tx, surveyID id.ID) (*Survey, error) {
	asked, err := lockedSurvey(ctx, tx, surveyID)
	if err != nil {
		return nil, err
	}
	switch asked.State {
	case Draft:
		return nil, fault.New(fault.Conflict, "survey.draft", "The questionnaire %q is still a draft; open it first.", asked.Name)
	case Closed:
		return nil, fault.New(fault.Conflict, "survey.closed", "The questionnaire %q is closed and takes no more answers.", asked.Name)
	}
	return asked, nil
}

func insertResponse(ctx context.Context, tx bun.Tx, r *Response) error {
	if _, err := tx.NewInsert().Model(r).Returning("NULL").Exec(ctx); err != nil {
		return fmt.Errorf("write a response: %w", err)
	}
	return audit.Record(ctx, tx, audit.Change{Kind: auditResponse, ID: r.ID, Action: audit.Create, After: r})
}

// UpdateResponse applies change to a response when its version is still the one that was read.
//
// Errors: NotFound, Precondition when somebody else changed it, and those of AddResponse.
func (s *Store) UpdateResponse(ctx context.Context, reach access.Reach, responseID id.ID, version int64, change func(*Response)) (*Response, error) {
	var after *Response
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := getResponse(ctx, tx, reach, responseID)
		if err != nil {
			return err
		}
		asked, err := openSurvey(ctx, tx, before.SurveyID)
		if err != nil {
			return err
		}
		r := *before
		r.Answers = slices.Clone(before.Answers)
		change(&r)
		if asked.Audience == ForCompany {
			r.Respondent = before.Respondent
		}
		after, err = s.writeResponse(ctx, tx, asked, before, &r, version)
		return err
	})
	return after, err
}

// writeResponse stores a changed response unless it is no longer of the version that was read: on PostgreSQL another may
// have written in between.
func (s *Store) writeResponse(ctx context.Context, tx bun.Tx, asked *Survey, before, r *Response, version int64) (*Response, error) {
	if before.Version != version {
		return nil, web.Stale()
	}
	r.Normalise()
	r.Version, r.UpdatedAt = version+1, s.instant()
	if err := r.check(asked, s.today()); err != nil {
		return nil, err
	}
	res, err := tx.NewUpdate().Model(r).Column("answered_on", "respondent", "answers", "version", "updated_at").
		WherePK().Where("r.version = ?", version).Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("write a response: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return nil, errors.Join(err, web.Stale())
	}
	return r, audit.Record(ctx, tx, audit.Change{Kind: auditResponse, ID: r.ID, Action: audit.Update, Before: before, After: r})
}

// DeleteResponse removes a response; the change log keeps it. A link by which it came can then be answered anew.
//
// Errors: NotFound, Precondition when somebody else changed it.
func (s *Store) DeleteResponse(ctx context.Context, reach access.Reach, responseID id.ID, version int64) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := getResponse(ctx, tx, reach, responseID)
		if err != nil {
			return err
		}
		if before.Version != version {
			return web.Stale()
		}
		res, err := tx.NewDelete().Model(before).WherePK().Where("r.version = ?", version).Exec(ctx)
		if err != nil {
			return fmt.Errorf("delete a response: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, web.Stale())
		}
		return audit.Record(ctx, tx, audit.Change{Kind: auditResponse, ID: responseID, Action: audit.Delete, Before: before})
	})
}
