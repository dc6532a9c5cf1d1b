package survey

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// Kinds in the change log.
const (
	auditSurvey     = "survey"
	auditResponse   = "response"
	auditInvitation = "invitation"
)

// Store keeps questionnaires, invitations and entered answers in the operational store.
type Store struct {
	db        *db.DB
	customers Customers
	now       func() time.Time
}

// NewStore returns the store; now is the clock.
func NewStore(d *db.DB, customers Customers, now func() time.Time) *Store {
	return &Store{db: d, customers: customers, now: now}
}

// instant is the present in the precision that both engines keep.
func (s *Store) instant() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

func (s *Store) today() date.Date { return date.Of(s.now()) }

func (s *Survey) inUTC() { s.CreatedAt, s.UpdatedAt = s.CreatedAt.UTC(), s.UpdatedAt.UTC() }

func selectSurveys(idb bun.IDB, into any) *bun.SelectQuery {
	return idb.NewSelect().Model(into).ColumnExpr("s.*, EXISTS (SELECT 1 FROM response AS a WHERE a.survey_id = s.id) AS answered")
}

// Surveys returns all questionnaires by name. They are few.
func (s *Store) Surveys(ctx context.Context) ([]*Survey, error) {
	var rows []*Survey
	if err := selectSurveys(s.db.Read(), &rows).Order("s.name", "s.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read questionnaires: %w", err)
	}
	for _, one := range rows {
		one.inUTC()
	}
	return rows, nil
}

// Survey returns one questionnaire (NotFound).
func (s *Store) Survey(ctx context.Context, surveyID id.ID) (*Survey, error) {
	return getSurvey(ctx, s.db.Read(), surveyID)
}

func getSurvey(ctx context.Context, idb bun.IDB, surveyID id.ID) (*Survey, error) {
	one := &Survey{}
	err := selectSurveys(idb, one).Where("s.id = ?", surveyID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "survey.not_found", "There is no such questionnaire.")
	}
	if err != nil {
		return nil, fmt.Errorf("read a questionnaire: %w", err)
	}
	one.inUTC()
	return one, nil
}

// lockedSurvey reads a questionnaire that nobody else changes or answers until the transaction ends, so that no answer
// comes in between the look for answers and the change of questions. SQLite has one writer anyway.
func lockedSurvey(ctx context.Context, tx bun.Tx, surveyID id.ID) (*Survey, error) {
	if tx.Dialect().Name() == dialect.PG {
		if _, err := tx.ExecContext(ctx, "SELECT 1 FROM survey WHERE id = ? FOR UPDATE", surveyID); err != nil {
			return nil, fmt.Errorf("lock a questionnaire: %w", err)
		}
	}
	return getSurvey(ctx, tx, surveyID)
}

// Create adds a questionnaire and fills in its id, version, times and author.
//
// Errors: Invalid with every field at fault, Conflict when the code is taken.
func (s *Store) Create(ctx context.Context, one *Survey) error {
	one.Normalise()
	one.ID, one.Version, one.CreatedAt, one.CreatedByName = id.New(), 1, s.instant(), audit.ActorOf(ctx).Name
	one.UpdatedAt = one.CreatedAt
	if err := one.Validate(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(one).Returning("NULL").Exec(ctx); err != nil {
			return understood(err, one)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: auditSurvey, ID: one.ID, Action: audit.Create, After: one})
	})
}

// Update applies change to a questionnaire when its version is still the one that was read.
//
// Errors: NotFound, Precondition, those of Create, and Conflict for other questions once somebody has answered.
func (s *Store) Update(ctx context.Context, surveyID id.ID, version int64, change func(*Survey)) (*Survey, error) {
	var after *Survey
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := lockedSurvey(ctx, tx, surveyID)
		if err != nil {
			return err
		}
		if before.Version != version {
			return web.Stale()
		}
		one := *before
		one.Questions = slices.Clone(before.Questions)
		change(&one)
		one.Normalise()
		one.Version, one.UpdatedAt = version+1, s.instant()
		if err := one.Validate(); err != nil {
			return err
		}
		if before.Answered && !one.sameQuestions(before) {
			return fault.New(fault.Conflict, "survey.answered", "Somebody has answered this questionnaire, so its code and questions stay as they are. Make a copy and change that.").
				At("questions", "Make a copy of the questionnaire and change the copy.")
		}
		if before.Answered && one.State == Draft {
			return fault.New(fault.Conflict, "survey.answered", "Somebody has answered this questionnaire, so it is no draft any more. Close it instead.").At("state", "Close it instead.")
		}
		if _, err := tx.NewUpdate().Model(&one).WherePK().Exec(ctx); err != nil {
			return understood(err, &one)
		}
		after = &one
		return audit.Record(ctx, tx, audit.Change{Kind: auditSurvey, ID: surveyID, Action: audit.Update, Before: before, After: after})
	})
	return after, err
}

// Delete takes a questionnaire away that nobody has answered, with its invitations.
//
// Errors: NotFound, Precondition, Conflict once somebody has answered.
func (s *Store) Delete(ctx context.Context, surveyID id.ID, version int64) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := lockedSurvey(ctx, tx, surveyID)
		if err != nil {
			return err
		}
		if before.Version != version {
			return web.Stale()
		}
		if before.Answered {
			return fault.New(fault.Conflict, "survey.answered", "Somebody has answered this questionnaire, so it cannot be deleted. Close it instead.")
		}
		if _, err := tx.NewDelete().Table("invitation").Where("survey_id = ?", surveyID).Exec(ctx); err != nil {
			return fmt.Errorf("delete the invitations of a questionnaire: %w", err)
		}
		if _, err := tx.NewDelete().Model(before).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("delete a questionnaire: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: auditSurvey, ID: surveyID, Action: audit.Delete, Before: before},
			audit.Change{Kind: auditInvitation, Action: audit.Delete})
	})
}

func understood(err error, one *Survey) error {
	if db.IsUnique(err) {
		return fault.New(fault.Conflict, "survey.code_taken", "There is already a questionnaire with the code %q.", one.Code).
			At("code", "Use another code.").Because(err)
	}
	return fmt.Errorf("write a questionnaire: %w", err)
}
