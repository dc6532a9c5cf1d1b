package survey_test

import (
	"cmp"
	"fmt"
	"testing"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/internal/testkit/loading"
	"github.com/kvadrant/kvadrant/know/survey"
)

// world is a warehouse with two customers and a questionnaire, and what can be done to it.
type world struct{ *loading.Intake }

func newWorld(t *testing.T) world {
	t.Helper()
	w := world{loading.New(t, testkit.DB(t), nil, []string{"CREATE TABLE customer (id UUID, code VARCHAR)", survey.Schema}, survey.Imports())}
	for _, code := range []string{"C1", "C2"} {
		w.Exec(t, "INSERT INTO customer VALUES (:id, :code)", engine.Args{"id": id.New(), "code": code})
	}
	w.Exec(t, "INSERT INTO survey_question VALUES (uuid(), 'sat', 'delivery', 'satisfaction', 2), (uuid(), 'sat', 'price', 'satisfaction', 1)", nil)
	// One that people entered: imports neither count nor change it.
	w.Exec(t, "INSERT INTO answer(id, response_id, customer_id, answer_date, survey, question, topic, score, weight, respondent, import_no, occurrence)"+
		" SELECT uuid(), uuid(), id, DATE '2026-03-01', 'sat', 'delivery', 'satisfaction', 8, 2, 'Ann', 0, 1 FROM customer WHERE code = 'C1'", nil)
	return w
}

func TestScenarios(t *testing.T) {
	testkit.Scenarios(t, "testdata/*.txt", func(t *testing.T) map[string]testkit.Command {
		w := newWorld(t)
		return map[string]testkit.Command{"answers": w.answers,
			"load": func(t *testing.T, _, input string) []string { return w.Load(t, "answers", "crm", input) }}
	})
}

// answers shows the imported ones, and how many responses they make.
func (w world) answers(t *testing.T, _, _ string) (out []string) {
	t.Helper()
	rows, err := w.Warehouse.Query(t.Context(), "SELECT c.code, cast(a.answer_date AS varchar), a.survey, a.question, a.topic, a.score, a.weight, coalesce(a.respondent, ''), cast(a.response_id AS varchar)"+
		" FROM answer a JOIN customer c ON c.id = a.customer_id WHERE a.import_no > 0 ORDER BY c.code, a.answer_date, a.survey, a.question, a.score", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	responses := map[string]bool{}
	for rows.Next() {
		var customer, day, asked, question, topic, who, response string
		var score, weight float64
		if err := rows.Scan(&customer, &day, &asked, &question, &topic, &score, &weight, &who, &response); err != nil {
			t.Fatal(err)
		}
		responses[response] = true
		out = append(out, fmt.Sprint(customer, " ", day, " ", cmp.Or(asked, "-"), " ", question, " ", topic, " ", score, " w", weight, " ", cmp.Or(who, "-")))
	}
	return append(out, fmt.Sprint("responses ", len(responses)))
}
