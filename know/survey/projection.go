package survey

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/projection"
)

// Projections returns what of questionnaires and entered answers stands in the warehouse.
func (s *Store) Projections() []projection.Source {
	return []projection.Source{
		{Kind: auditSurvey, Tables: []projection.Table{
			{Name: "survey_question", Key: "survey_id", Columns: []string{"survey_id", "survey", "question", "topic", "weight"}, Rows: s.projectQuestions},
		}},
		{Kind: auditResponse, Tables: []projection.Table{
			{Name: "answer", Key: "response_id", Own: "import_no = 0", Rows: s.projectAnswers,
				Columns: []string{"id", "response_id", "customer_id", "answer_date", "survey", "question", "topic", "score", "weight", "respondent", "import_no", "occurrence"}},
		}},
	}
}

// projectQuestions yields what imports must know of the questions.
func (s *Store) projectQuestions(ctx context.Context, ids []id.ID, yield func([]any) error) error {
	var rows []*Survey
	q := s.db.Read().NewSelect().Model(&rows).Order("s.id")
	if ids != nil {
		q.Where("s.id IN (?)", bun.List(ids))
	}
	if err := q.Scan(ctx); err != nil {
		return fmt.Errorf("read questionnaires for the warehouse: %w", err)
	}
	for _, one := range rows {
		for _, asked := range one.Questions {
			if _, scored := scaleOf(asked.Topic); !scored {
				continue
			}
			if err := yield([]any{one.ID, one.Code, asked.Key, asked.Topic, asked.Weight}); err != nil {
				return err
			}
		}
	}
	return nil
}

// projectAnswers yields the scores of responses. Texts stay in the operational store, and so does that somebody had no
// complaint: a row of that topic is a complaint.
func (s *Store) projectAnswers(ctx context.Context, ids []id.ID, yield func([]any) error) error {
	asked := map[id.ID]*Survey{}
	var surveys []*Survey
	if err := s.db.Read().NewSelect().Model(&surveys).Scan(ctx); err != nil {
		return fmt.Errorf("read questionnaires for the warehouse: %w", err)
	}
	for _, one := range surveys {
		asked[one.ID] = one
	}
	q := s.db.Read().NewSelect().TableExpr("response AS r").ColumnExpr("r.id, r.survey_id, r.customer_id, r.answered_on, r.respondent, r.answers").Order("r.customer_id", "r.id")
	if ids != nil {
		q.Where("r.id IN (?)", bun.List(ids))
	}
	rows, err := q.Rows(ctx)
	if err != nil {
		return fmt.Errorf("read responses for the warehouse: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r Response
		if err := rows.Scan(&r.ID, &r.SurveyID, &r.CustomerID, &r.AnsweredOn, &r.Respondent, &r.Answers); err != nil {
			return fmt.Errorf("read responses for the warehouse: %w", err)
		}
		if err := r.project(asked[r.SurveyID], yield); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (r *Response) project(asked *Survey, yield func([]any) error) error {
	if asked == nil {
		return nil
	}
	var respondent any
	if r.Respondent != "" {
		respondent = r.Respondent
	}
	for _, a := range r.Answers {
		q, known := asked.Questions.find(a.Question)
		if !known || a.Score == nil || q.Topic == "complaint" && *a.Score == 0 {
			continue
		}
		row := []any{answerID(r.ID, a.Question), r.ID, r.CustomerID, r.AnsweredOn, asked.Code, a.Question, q.Topic, *a.Score, q.Weight, respondent, int32(0), int32(1)}
		if err := yield(row); err != nil {
			return err
		}
	}
	return nil
}

// answerID is the id of an answer in the warehouse, the same whenever the response is brought there.
func answerID(response id.ID, question string) id.ID {
	sum := sha256.Sum256([]byte(string(response) + question))
	u := uuid.UUID(sum[:16])
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80 // version 8: made by the program's own rule
	return id.ID(u.String())
}
