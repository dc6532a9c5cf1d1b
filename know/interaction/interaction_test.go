package interaction_test

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/internal/testkit/loading"
	"github.com/kvadrant/kvadrant/know/interaction"
)

// directory is the tables of other words that interactions refer to, as far as this word reads them.
const directory = `CREATE TABLE customer (id UUID, code VARCHAR); CREATE TABLE person (id UUID, code VARCHAR, name VARCHAR)`

// world is a warehouse with two customers and a person, and what can be done to it.
type world struct {
	*loading.Intake
	diary     *interaction.Diary
	customers map[string]id.ID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	in := loading.New(t, testkit.DB(t), nil, []string{directory, interaction.Schema}, interaction.Imports())
	w := &world{Intake: in, diary: interaction.NewDiary(in.Warehouse), customers: map[string]id.ID{}}
	for _, code := range []string{"C1", "C2"} {
		w.customers[code] = id.New()
		w.Exec(t, "INSERT INTO customer VALUES (:id, :code)", engine.Args{"id": w.customers[code], "code": code})
	}
	w.Exec(t, "INSERT INTO person VALUES (uuid(), 'S1', 'Sara')", nil)
	return w
}

func TestScenarios(t *testing.T) {
	testkit.Scenarios(t, "testdata/*.txt", func(t *testing.T) map[string]testkit.Command {
		w := newWorld(t)
		return map[string]testkit.Command{"load": w.load, "list": w.list}
	})
}

func (w *world) load(t *testing.T, _, input string) []string {
	return w.Load(t, "interactions", "", input)
}

// list shows a page: list C1 limit=2 skip=4. What is skipped is gone over page by page.
func (w *world) list(t *testing.T, args, _ string) (out []string) {
	t.Helper()
	fields := strings.Fields(args)
	customer := cmp.Or(w.customers[fields[0]], id.New())
	numbers := map[string]int{}
	for _, field := range fields[1:] {
		name, value, _ := strings.Cut(field, "=")
		number, err := strconv.Atoi(value)
		if err != nil {
			t.Fatal(err)
		}
		numbers[name] = number
	}
	var after []any
	for range numbers["skip"] {
		_, after = w.page(t, customer, after, 1)
	}
	out, _ = w.page(t, customer, after, numbers["limit"])
	return out
}

func (w *world) page(t *testing.T, customer id.ID, after []any, limit int) (out []string, last []any) {
	t.Helper()
	list, err := w.diary.List(t.Context(), customer, after, limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range list {
		minutes := int64(-1)
		if n.Minutes != nil {
			minutes = *n.Minutes
		}
		out = append(out, fmt.Sprint(n.Date, " ", n.Kind, " ", cmp.Or(n.PersonName, "-"), " ", minutes, " ", cmp.Or(n.Result, "-"), " ", cmp.Or(n.Note, "-")))
		last = []any{n.Date, n.ImportNo, n.RowNo}
	}
	return out, last
}
