package survey

import (
	"database/sql/driver"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// firstDate is before any answer.
const firstDate date.Date = "1970-01-01"

// Answer is what was answered to one question: a score, or a text to a question of the topic comment.
type Answer struct {
	Question string   `json:"question" maxLength:"60"`
	Score    *float64 `json:"score,omitempty"`
	Text     string   `json:"text,omitempty" maxLength:"2000"`
}

// Answers are the answers of one response.
type Answers []Answer

// Value stores the answers as JSON.
func (a Answers) Value() (driver.Value, error) { return jsonValue(a) }

// Scan reads what Value stored.
func (a *Answers) Scan(src any) error { return jsonScan(a, src) }

// Response is a questionnaire as one person answered it about one customer.
type Response struct {
	bun.BaseModel `bun:"table:response,alias:r" json:"-"`

	ID           id.ID     `bun:"id,pk" json:"id"`
	SurveyID     id.ID     `bun:"survey_id" json:"survey_id"`
	CustomerID   id.ID     `bun:"customer_id" json:"customer_id"`
	InvitationID id.ID     `bun:"invitation_id" json:"invitation_id,omitempty" doc:"The link by which it was answered; absent where one of the company entered it"`
	AnsweredOn   date.Date `bun:"answered_on" json:"answered_on"`
	Respondent   string    `bun:"respondent" json:"respondent" doc:"Who answered; of a questionnaire for the company, who of the company"`
	Answers      Answers   `bun:"answers" json:"answers" nullable:"false"`
	AuthorID     id.ID     `bun:"author_id" json:"-"`
	AuthorName   string    `bun:"author_name" json:"author_name" doc:"Who entered it; empty where it came by a link"`
	Version      int64     `bun:"version" json:"version"`
	CreatedAt    time.Time `bun:"created_at" json:"created_at"`
	UpdatedAt    time.Time `bun:"updated_at" json:"updated_at"`

	SurveyName string `bun:"survey_name,scanonly" json:"survey_name" readOnly:"true"`
}

// Normalise trims what was typed, and leaves out what was not answered. Call it before check.
func (r *Response) Normalise() {
	r.Respondent = line(r.Respondent)
	given := Answers{}
	for _, a := range r.Answers {
		if a.Text = tidy(a.Text); a.Score != nil || a.Text != "" {
			given = append(given, a)
		}
	}
	r.Answers = given
}

// check returns a fault that names every answer that cannot stand in the questionnaire; today is the last day it can be of.
func (r *Response) check(s *Survey, today date.Date) error {
	check := fault.Check("response.invalid").
		That(r.AnsweredOn.Valid() && r.AnsweredOn >= firstDate, "answered_on", "Give the day of the answers, such as 2026-10-31.").
		That(r.AnsweredOn <= today, "answered_on", "The day of the answers cannot lie in the future.").
		That(utf8.RuneCountInString(r.Respondent) <= maxName, "respondent", "Use at most %d characters.", maxName).
		That(len(r.Answers) > 0, "answers", "Answer at least one question.")
	seen := map[string]bool{}
	for _, a := range r.Answers {
		at := "answers." + a.Question
		q, known := s.Questions.find(a.Question)
		check.That(known, at, "The questionnaire has no question %q.", a.Question).
			That(!seen[a.Question], at, "The question is answered twice.")
		seen[a.Question] = true
		if known {
			check.That(a.fits(q), at, "%s", wanted(q))
		}
	}
	for _, q := range s.Questions {
		check.That(!q.Required || seen[q.Key], "answers."+q.Key, "Please answer this question.")
	}
	return check.Err()
}

func (a Answer) fits(q Question) bool {
	s, scored := scaleOf(q.Topic)
	if !scored {
		return a.Score == nil && utf8.RuneCountInString(a.Text) <= maxText
	}
	return a.Score != nil && a.Text == "" && *a.Score >= s.from && *a.Score <= s.to && *a.Score == math.Trunc(*a.Score)
}

func wanted(q Question) string {
	s, scored := scaleOf(q.Topic)
	if !scored {
		return fmt.Sprintf("Answer in at most %d characters.", maxText)
	}
	return fmt.Sprintf("Answer with a whole number from %.0f to %.0f.", s.from, s.to)
}
