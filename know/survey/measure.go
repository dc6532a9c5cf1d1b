package survey

import (
	"context"
	_ "embed" // the questions
	"fmt"
	"math"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Schema is the text of this word's warehouse tables.
//
//go:embed warehouse.sql
var Schema string

var (
	//go:embed scores.sql
	scoresSQL string
	//go:embed answers.sql
	answersSQL string
	//go:embed relation.sql
	relationSQL string
	//go:embed topics.sql
	topicsSQL string
)

// floor is how many answers a mean needs: fewer say more of the one who answered than of the question.
const floor = 5

// lastDate is after any answer.
const lastDate date.Date = "2199-12-31"

// Reports answers from the warehouse: of entered and of imported answers alike.
type Reports struct {
	warehouse *engine.Warehouse
	catchUp   func(ctx context.Context) error
}

// NewReports returns the answerer. catchUp brings what was entered into the warehouse, so that people see at once what
// they entered.
func NewReports(w *engine.Warehouse, catchUp func(ctx context.Context) error) *Reports {
	return &Reports{warehouse: w, catchUp: catchUp}
}

// Share is how many answers had a score.
type Share struct {
	Score int64 `json:"score" doc:"Rounded where files gave fractions"`
	Count int64 `json:"count"`
}

// Result is what was answered to one question.
type Result struct {
	Question     string   `json:"question"`
	Topic        string   `json:"topic"`
	Weight       float64  `json:"weight"`
	Count        int64    `json:"count" doc:"Answers"`
	Mean         *float64 `json:"mean" doc:"null below five answers: too few to say"`
	Distribution []Share  `json:"distribution" nullable:"false" doc:"Empty below five answers"`

	sum, weights float64
}

// Results is what was answered to a questionnaire.
type Results struct {
	Results   []Result  `json:"results" nullable:"false" doc:"In the order of topic and question"`
	Customers int64     `json:"customers" doc:"About whom there are answers, within the asker's reach"`
	Responses int64     `json:"responses"`
	First     date.Date `json:"first,omitempty" doc:"Day of the first answer"`
	Last      date.Date `json:"last,omitempty"`
	Floor     int64     `json:"floor" doc:"Answers that a mean needs"`
	// P10: the sum of the categories' scores by their number, and weighted.
	Satisfaction *float64 `json:"satisfaction" doc:"Mean of the categories' means, 1 to 10; null while a category has too few answers"`
	Weighted     *float64 `json:"weighted_satisfaction" doc:"The same, weighted"`
}

// Period narrows by the day of the answer; empty dates do not.
type Period struct{ From, To date.Date }

func (p Period) args(survey string) engine.Args {
	from, to := firstDate, lastDate
	if p.From != "" {
		from = p.From
	}
	if p.To != "" {
		to = p.To
	}
	return engine.Args{"survey": survey, "from": from, "to": to}
}

// reached is the condition that an answer a is about a customer within reach who is still there.
func reached(reach access.Reach) (engine.Hole, error) {
	c, err := filter.Compile(reach.Filter("unit", "owner"), filter.Columns{"unit": "c.unit_id", "owner": "c.owner_id"})
	return engine.Hole{Name: "reach", Clause: c}, err
}

// Results returns what was answered to the questionnaire of a code about customers within reach.
func (q *Reports) Results(ctx context.Context, reach access.Reach, survey string, p Period) (r Results, err error) {
	within, err := reached(reach)
	if err != nil {
		return r, err
	}
	if err := q.catchUp(ctx); err != nil {
		return r, err
	}
	r = Results{Results: []Result{}, Floor: floor}
	rows, err := q.warehouse.Query(ctx, scoresSQL, p.args(survey), within)
	if err != nil {
		return r, fmt.Errorf("ask for results: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var topic, question *string
		var score *int64
		var count, customers, responses int64
		var sum, weights float64
		var first, last date.Date
		if err := rows.Scan(&topic, &question, &score, &count, &sum, &weights, &customers, &responses, &first, &last); err != nil {
			return r, fmt.Errorf("read results: %w", err)
		}
		if topic == nil { // the row of all
			r.Customers, r.Responses, r.First, r.Last = customers, responses, first, last
			continue
		}
		r.add(*topic, *question, Share{*score, count}, sum, weights)
	}
	if err := rows.Err(); err != nil {
		return r, fmt.Errorf("read results: %w", err)
	}
	r.finish()
	return r, nil
}

func (r *Results) add(topic, question string, share Share, sum, weights float64) {
	n := len(r.Results) - 1
	if n < 0 || r.Results[n].Topic != topic || r.Results[n].Question != question {
		r.Results = append(r.Results, Result{Question: question, Topic: topic, Distribution: []Share{}})
		n++
	}
	one := &r.Results[n]
	one.Count, one.sum, one.weights = one.Count+share.Count, one.sum+sum, one.weights+weights
	one.Distribution = append(one.Distribution, share)
}

// finish works out the means, and takes away what too few answers say.
func (r *Results) finish() {
	var sum, weighted, weights, categories float64
	enough := true
	for i := range r.Results {
		one := &r.Results[i]
		one.Weight = one.weights / float64(one.Count)
		if one.Count < floor {
			one.Distribution = []Share{}
			enough = enough && one.Topic != "satisfaction"
			continue
		}
		mean := one.sum / float64(one.Count)
		one.Mean = &mean
		if one.Topic == "satisfaction" {
			sum, weighted, weights, categories = sum+mean, weighted+one.Weight*mean, weights+one.Weight, categories+1
		}
	}
	if enough && categories > 0 {
		plain, extended := sum/categories, weighted/weights
		r.Satisfaction, r.Weighted = &plain, &extended
	}
}

// Given is one answer with whom it is about.
type Given struct {
	ID           id.ID     `json:"id"`
	CustomerID   id.ID     `json:"customer_id"`
	CustomerCode string    `json:"customer_code"`
	CustomerName string    `json:"customer_name"`
	AnsweredOn   date.Date `json:"answered_on"`
	Question     string    `json:"question"`
	Topic        string    `json:"topic"`
	Score        float64   `json:"score"`
	Respondent   string    `json:"respondent"`
	Imported     bool      `json:"imported"`
}

// Behind narrows to the answers behind a figure.
type Behind struct {
	Period
	Question string // empty for all
	Score    *int64 // rounded; nil for all
	After    []any  // answer_date and id of the last one of the page before
	Limit    int
}

// Answers returns the answers behind a figure, the latest first.
func (q *Reports) Answers(ctx context.Context, reach access.Reach, survey string, b Behind) ([]Given, error) {
	within, err := reached(reach)
	if err != nil {
		return nil, err
	}
	narrow := filter.And()
	if b.Question != "" {
		narrow = filter.And(narrow, filter.Eq("question", b.Question))
	}
	if b.Score != nil {
		narrow = filter.And(narrow, filter.Eq("score", *b.Score))
	}
	if b.After != nil {
		narrow = filter.And(narrow, filter.After([]filter.Sort{{Name: "date", Desc: true}, {Name: "id", Desc: true}}, b.After))
	}
	clause, err := filter.Compile(narrow, filter.Columns{"question": "a.question", "score": "cast(round(a.score) AS bigint)", "date": "a.answer_date", "id": "cast(a.id AS varchar)"})
	if err != nil {
		return nil, err
	}
	if err := q.catchUp(ctx); err != nil {
		return nil, err
	}
	args := b.args(survey)
	args["limit"] = b.Limit
	rows, err := q.warehouse.Query(ctx, answersSQL, args, within, engine.Hole{Name: "narrow", Clause: clause})
	if err != nil {
		return nil, fmt.Errorf("ask for answers: %w", err)
	}
	defer rows.Close()
	var list []Given
	for rows.Next() {
		var g Given
		if err := rows.Scan(&g.ID, &g.CustomerID, &g.CustomerCode, &g.CustomerName, &g.AnsweredOn, &g.Question, &g.Topic, &g.Score, &g.Respondent, &g.Imported); err != nil {
			return nil, fmt.Errorf("read answers: %w", err)
		}
		list = append(list, g)
	}
	return list, rows.Err()
}

// TopicFigure is what there is on one topic about a customer.
type TopicFigure struct {
	Topic string    `json:"topic"`
	Count int64     `json:"count"`
	Mean  *float64  `json:"mean" doc:"null below five answers: too few to say"`
	Last  date.Date `json:"last" doc:"Day of the latest answer"`
	Score float64   `json:"score" doc:"Of the latest answer; where a day has several, their mean"`
}

// Scorer is how one person scored the five Bs last.
type Scorer struct {
	Name       string              `json:"name" doc:"Empty when unknown"`
	AnsweredOn date.Date           `json:"answered_on"`
	Scores     map[string]*float64 `json:"scores" doc:"By topic; null where none was given"`
}

// Standing is what is known of a customer from answers.
type Standing struct {
	Topics  []TopicFigure       `json:"topics" nullable:"false"`
	Scorers []Scorer            `json:"scorers" nullable:"false" doc:"The latest five Bs of each person, newest first"`
	Means   map[string]*float64 `json:"means" doc:"Of the scorers' latest scores, by topic; null where nobody scored"`
}

// Standing returns what is known of a customer; the caller has checked that it is within reach.
func (q *Reports) Standing(ctx context.Context, customer id.ID) (Standing, error) {
	s := Standing{Topics: []TopicFigure{}, Scorers: []Scorer{}, Means: map[string]*float64{}}
	if err := q.catchUp(ctx); err != nil {
		return s, err
	}
	rows, err := q.warehouse.Query(ctx, topicsSQL, engine.Args{"customer": customer})
	if err != nil {
		return s, fmt.Errorf("ask for a customer's answers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var f TopicFigure
		var mean float64
		if err := rows.Scan(&f.Topic, &f.Count, &mean, &f.Last, &f.Score); err != nil {
			return s, fmt.Errorf("read a customer's answers: %w", err)
		}
		if f.Count >= floor {
			f.Mean = &mean
		}
		s.Topics = append(s.Topics, f)
	}
	if err := rows.Err(); err != nil {
		return s, fmt.Errorf("read a customer's answers: %w", err)
	}
	return s, q.relation(ctx, customer, &s)
}

func (q *Reports) relation(ctx context.Context, customer id.ID, s *Standing) error {
	rows, err := q.warehouse.Query(ctx, relationSQL, engine.Args{"customer": customer})
	if err != nil {
		return fmt.Errorf("ask for the relation: %w", err)
	}
	defer rows.Close()
	sums, counts := map[string]float64{}, map[string]float64{}
	for rows.Next() {
		one := Scorer{Scores: map[string]*float64{}}
		scores := make([]*float64, len(FiveBs()))
		into := []any{&one.Name, &one.AnsweredOn}
		for i := range scores {
			into = append(into, &scores[i])
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read the relation: %w", err)
		}
		for i, b := range FiveBs() {
			one.Scores[b] = scores[i]
			if scores[i] != nil {
				sums[b], counts[b] = sums[b]+*scores[i], counts[b]+1
			}
		}
		s.Scorers = append(s.Scorers, one)
	}
	for _, b := range FiveBs() {
		if s.Means[b] = nil; counts[b] > 0 {
			mean := math.Round(sums[b]/counts[b]*100) / 100
			s.Means[b] = &mean
		}
	}
	return rows.Err()
}
