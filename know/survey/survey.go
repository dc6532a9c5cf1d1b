// Package survey asks: questionnaires, what customers answered to them, and how the company's own people score the
// relation to a customer.
//
// Questionnaires and the answers that people enter are records of the operational store, and their scores are projected
// into the warehouse. Answers that come in from files are facts: they stand in the warehouse alone, in the same table.
package survey

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Who a questionnaire is for: customers answer about us, or our own people about a customer.
const (
	ForCustomer = "customer"
	ForCompany  = "company"
)

// The states of a questionnaire. Only an open one takes answers.
const (
	Draft  = "draft"
	Open   = "open"
	Closed = "closed"
)

// Bounds of a questionnaire.
const (
	maxQuestions = 60
	maxName      = 200
	maxText      = 2000
	maxWeight    = 1000
)

// Customers says whether a customer exists within somebody's reach; know/customer implements it.
type Customers interface {
	// Within returns a NotFound fault unless the customer exists and the reach covers it.
	Within(ctx context.Context, reach access.Reach, customer id.ID) error
}

// Texts is a text by the codes of the languages it is written in, such as en and zh-Hant.
type Texts map[string]string

// languages are the codes of the languages that a text can have: those of the browser client.
func languages() []string { return []string{"en", "da", "de", "nl", "pl", "zh-Hant"} }

// Value stores the texts as JSON.
func (t Texts) Value() (driver.Value, error) { return jsonValue(t) }

// Scan reads what Value stored.
func (t *Texts) Scan(src any) error { return jsonScan(t, src) }

// Question is one question of a questionnaire.
type Question struct {
	Key      string  `json:"key" maxLength:"60" doc:"In files and in the warehouse; of satisfaction, the category"`
	Text     Texts   `json:"text" doc:"By language: en, da, de, nl, pl, zh-Hant"`
	Topic    string  `json:"topic" enum:"satisfaction,intention,recommendation,reference,complaint,second_chance,willingness,ability,reliability,reachability,involvement,comment" doc:"What it asks for; the scale follows from it"`
	Weight   float64 `json:"weight" doc:"Among the questions of its topic"`
	Required bool    `json:"required"`
}

// Questions are the questions of a questionnaire, in their order.
type Questions []Question

// Value stores the questions as JSON.
func (q Questions) Value() (driver.Value, error) { return jsonValue(q) }

// Scan reads what Value stored.
func (q *Questions) Scan(src any) error { return jsonScan(q, src) }

// find returns the question of a key.
func (q Questions) find(key string) (Question, bool) {
	i := slices.IndexFunc(q, func(one Question) bool { return one.Key == key })
	if i < 0 {
		return Question{}, false
	}
	return q[i], true
}

func jsonValue(v any) (driver.Value, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

func jsonScan(into, src any) error {
	switch text := src.(type) {
	case string:
		return json.Unmarshal([]byte(text), into)
	case []byte:
		return json.Unmarshal(text, into)
	default:
		return fmt.Errorf("survey: cannot read %T", src)
	}
}

// Survey is a questionnaire. Its questions, code and audience stay as they are once somebody answered: another version is
// a copy, so that scores never mean two things.
type Survey struct {
	bun.BaseModel `bun:"table:survey,alias:s" json:"-"`

	ID            id.ID     `bun:"id,pk" json:"id"`
	Code          string    `bun:"code" json:"code" doc:"Its key in files"`
	Name          string    `bun:"name" json:"name" doc:"For the company's own people; who answers does not see it"`
	Audience      string    `bun:"audience" json:"audience" enum:"customer,company" doc:"company: the company's own people answer about a customer"`
	State         string    `bun:"state" json:"state" enum:"draft,open,closed"`
	Introduction  Texts     `bun:"introduction" json:"introduction" doc:"Stands above the questions, by language"`
	Questions     Questions `bun:"questions" json:"questions" nullable:"false"`
	CreatedByName string    `bun:"created_by_name" json:"created_by_name"`
	Version       int64     `bun:"version" json:"version"`
	CreatedAt     time.Time `bun:"created_at" json:"created_at"`
	UpdatedAt     time.Time `bun:"updated_at" json:"updated_at"`

	Answered bool `bun:"answered,scanonly" json:"answered" readOnly:"true" doc:"Somebody has answered, so the questions stay as they are"`
}

// scale is what the scores of a topic lie between, in whole numbers where people enter them.
type scale struct {
	topic    string
	from, to float64
}

// Comment is the topic of a question for free text: it has no score and stays out of the warehouse.
const Comment = "comment"

// scales are the topics with a score.
func scales() []scale {
	all := []scale{{"satisfaction", 1, 10}, {"intention", 0, 2}, {"recommendation", 0, 10}, {"reference", 0, 1}, {"complaint", 0, 1}, {"second_chance", 0, 1}}
	for _, b := range FiveBs() {
		all = append(all, scale{b, 1, 10})
	}
	return all
}

// FiveBs are the topics by which the quality of a relation is scored (D3: bereidheid, bekwaamheid, betrouwbaarheid,
// bereikbaarheid, betrokkenheid).
func FiveBs() []string {
	return []string{"willingness", "ability", "reliability", "reachability", "involvement"}
}

func scaleOf(topic string) (scale, bool) {
	all := scales()
	i := slices.IndexFunc(all, func(s scale) bool { return s.topic == topic })
	if i < 0 {
		return scale{}, false
	}
	return all[i], true
}

var keyForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,59}$`)

// tidy trims a text and turns what cannot be stored into blanks; line ends stay.
func tidy(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " ")))
}

// line is tidy for a text of one line.
func line(text string) string { return tidy(strings.ReplaceAll(text, "\n", " ")) }

func (t Texts) tidy() Texts {
	out := Texts{}
	for language, text := range t {
		if text = tidy(text); text != "" {
			out[language] = text
		}
	}
	return out
}

// Normalise trims what was typed. Call it before Validate.
func (s *Survey) Normalise() {
	s.Code, s.Name, s.Introduction = strings.ToLower(line(s.Code)), line(s.Name), s.Introduction.tidy()
	s.Questions = slices.Clone(s.Questions)
	for i := range s.Questions {
		q := &s.Questions[i]
		q.Key, q.Text = strings.ToLower(line(q.Key)), q.Text.tidy()
	}
	if s.Questions == nil {
		s.Questions = Questions{}
	}
}

// Validate returns a fault that names every field that cannot stand.
func (s *Survey) Validate() error {
	check := fault.Check("survey.invalid").
		That(keyForm.MatchString(s.Code), "code", "Give a code of small letters, digits, - and _, such as satisfaction-2026.").
		That(s.Name != "", "name", "Give the questionnaire a name.").
		That(utf8.RuneCountInString(s.Name) <= maxName, "name", "Use at most %d characters.", maxName).
		That(slices.Contains([]string{ForCustomer, ForCompany}, s.Audience), "audience", "Say who answers: customer or company.").
		That(slices.Contains([]string{Draft, Open, Closed}, s.State), "state", "Use draft, open or closed.").
		That(s.State == Draft || len(s.Questions) > 0, "questions", "Add a question before people can answer.").
		That(len(s.Questions) <= maxQuestions, "questions", "Use at most %d questions.", maxQuestions)
	s.Introduction.check(check, "introduction")
	seen := map[string]bool{}
	for i, q := range s.Questions {
		at := func(field string) string { return fmt.Sprintf("questions.%d.%s", i, field) }
		_, scored := scaleOf(q.Topic)
		check.That(keyForm.MatchString(q.Key), at("key"), "Give a key of small letters, digits, - and _, such as delivery.").
			That(!seen[q.Key], at("key"), "Another question has this key; give each its own.").
			That(len(q.Text) > 0, at("text"), "Write the question.").
			That(scored || q.Topic == Comment, at("topic"), "Choose what the question asks for.").
			That(q.Weight > 0 && q.Weight <= maxWeight, at("weight"), "Give a weight above 0 and up to %d.", maxWeight)
		q.Text.check(check, at("text"))
		seen[q.Key] = true
	}
	return check.Err()
}

func (t Texts) check(check *fault.Checks, path string) {
	for language, text := range t {
		check.That(slices.Contains(languages(), language), path, "There is no language %q; use one of %s.", language, strings.Join(languages(), ", ")).
			That(utf8.RuneCountInString(text) <= maxText, path, "Use at most %d characters.", maxText)
	}
}

// sameQuestions tells whether answers to one are answers to the other. A change of wording counts: what was asked is what
// was answered.
func (s *Survey) sameQuestions(o *Survey) bool {
	same := func(a, b Question) bool {
		a1, _ := json.Marshal(a)
		b1, _ := json.Marshal(b)
		return string(a1) == string(b1)
	}
	return s.Code == o.Code && s.Audience == o.Audience && slices.EqualFunc(s.Questions, o.Questions, same)
}
