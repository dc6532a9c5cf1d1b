package goal

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Book keeps goals and tells how they stand.
type Book struct {
	store *store
	read  *reader
}

// NewBook returns the book; now is the clock.
func NewBook(d *db.DB, now func() time.Time, c Config) *Book {
	return &Book{store: &store{db: d, now: now}, read: &reader{Config: c, known: scoring.NewAnswers[[]group](c.Warehouse, 200)}}
}

// Above is the goal that one is a part of.
type Above struct {
	ID    id.ID  `json:"id"`
	Title string `json:"title"`
}

// Shown is a goal as people see it.
type Shown struct {
	Goal
	UnitName   string `json:"unit_name,omitempty"`
	PersonName string `json:"person_name,omitempty"`
	Part       bool   `json:"part" doc:"It is a part of another goal, where its target and day stand."`
	Above      *Above `json:"above" doc:"The goal that it is a part of, within your reach."`
	Level      bool   `json:"level" doc:"Every part of it is to reach the same level."`
	State      State  `json:"state" enum:"running,reached,missed,dropped"`
	Latest     *Point `json:"latest" doc:"The latest value; the one that decided where the goal was reached or missed. Null where it cannot be told."`
	Behind     bool   `json:"behind" doc:"The latest value lies on the wrong side of the straight line."`
	Trouble    string `json:"trouble,omitempty" doc:"Why no value can be told."`
	MayChange  bool   `json:"may_change"`
}

// Progress is a goal against time, with its parts.
type Progress struct {
	Goal   Shown   `json:"goal"`
	Points []Point `json:"points" nullable:"false" doc:"In the scored versions, the earliest first."`
	Parts  []Shown `json:"parts" nullable:"false" doc:"The furthest behind first."`
	Sum    float64 `json:"sum" doc:"What the targets of the running parts add to their starts together."`
}

// shown completes goals. They are read family by family: goals that count the same from the same start share each question.
func (b *Book) shown(ctx context.Context, reach access.Reach, of []*Goal, only bool) ([]Shown, [][]Point, error) {
	names, err := b.read.Organisation.Names(ctx)
	if err != nil {
		return nil, nil, err
	}
	_, err = access.Decide(access.From(ctx), access.GoalWrite)
	writes := err == nil
	all, series := make([]Shown, len(of)), make([][]Point, len(of))
	done := make([]bool, len(of))
	for i, g := range of {
		if done[i] {
			continue
		}
		var family []*Goal
		var at []int
		for j := i; j < len(of); j++ {
			if !done[j] && alike(g, of[j]) {
				family, at, done[j] = append(family, of[j]), append(at, j), true
			}
		}
		points, err := b.read.points(ctx, family, only)
		trouble := ""
		if f := fault.Of(err); f != nil && (f.Kind == fault.NotFound || f.Kind == fault.Malformed) {
			trouble, err = f.Detail, nil
		}
		if err != nil {
			return nil, nil, err
		}
		for k, j := range at {
			s := Shown{Goal: *of[j], UnitName: names.Units[of[j].UnitID], PersonName: names.People[of[j].PersonID], Level: !g.What.Kind.additive(), Trouble: trouble, MayChange: writes}
			if points[k] == nil {
				points[k] = []Point{}
			}
			s.State, s.Latest = s.Goal.state(points[k])
			s.Behind = s.State == Running && s.Latest != nil && s.Goal.behind(*s.Latest.Value, s.Latest.AsOf)
			series[j] = points[k]
			all[j] = s
		}
	}
	for i := range all {
		if err := b.above(ctx, reach, &all[i]); err != nil {
			return nil, nil, err
		}
	}
	return all, series, nil
}

// alike tells whether two goals are answered by the same questions.
func alike(a, b *Goal) bool {
	return a.StartAsOf == b.StartAsOf && a.DueOn == b.DueOn && a.What.Kind == b.What.Kind && a.What.Measure == b.What.Measure && a.What.Matrix == b.What.Matrix &&
		a.What.Cell == b.What.Cell && a.What.Row == b.What.Row && a.What.Column == b.What.Column && a.What.Country == b.What.Country &&
		a.What.From == b.What.From && a.What.To == b.What.To && slices.Equal(a.What.Among, b.What.Among) && slices.Equal(a.What.Meeting, b.What.Meeting)
}

func (b *Book) above(ctx context.Context, reach access.Reach, s *Shown) error {
	if s.Part = s.ParentID != ""; !s.Part {
		return nil
	}
	parent, err := b.store.get(ctx, b.store.db.Read(), reach, s.ParentID)
	if fault.Is(err, fault.NotFound) {
		s.ParentID = ""
		return nil
	}
	if err == nil {
		s.Above = &Above{parent.ID, parent.Title}
	}
	return err
}

// List returns up to limit goals within reach that are part of none within reach, the newest first, those before an id.
func (b *Book) List(ctx context.Context, reach access.Reach, before id.ID, limit int) ([]Shown, error) {
	of, err := b.store.top(ctx, reach, before, limit)
	if err != nil {
		return nil, err
	}
	all, _, err := b.shown(ctx, reach, of, true)
	return all, err
}

// Get returns one goal. Fault: goal.not_found, also beyond the reach.
func (b *Book) Get(ctx context.Context, reach access.Reach, goalID id.ID) (Shown, error) {
	g, err := b.store.get(ctx, b.store.db.Read(), reach, goalID)
	if err != nil {
		return Shown{}, err
	}
	all, _, err := b.shown(ctx, reach, []*Goal{g}, true)
	if err != nil {
		return Shown{}, err
	}
	return all[0], nil
}

// Progress draws a goal against time. Fault: goal.not_found.
func (b *Book) Progress(ctx context.Context, reach access.Reach, goalID id.ID) (Progress, error) {
	p := Progress{Points: []Point{}, Parts: []Shown{}}
	g, err := b.store.get(ctx, b.store.db.Read(), reach, goalID)
	if err != nil {
		return p, err
	}
	all, series, err := b.shown(ctx, reach, []*Goal{g}, false)
	if err != nil {
		return p, err
	}
	p.Goal, p.Points = all[0], series[0]
	of, err := b.store.parts(ctx, b.store.db.Read(), g.ID)
	if err != nil {
		return p, err
	}
	if p.Parts, _, err = b.shown(ctx, reach, of, true); err != nil {
		return p, err
	}
	for _, s := range p.Parts {
		if s.State != Dropped {
			p.Sum += s.Target - s.StartValue
		}
	}
	slices.SortStableFunc(p.Parts, func(a, b Shown) int { return compareLags(a, b) })
	return p, nil
}

// compareLags puts the part first that lacks most of what it should have by now.
func compareLags(a, b Shown) int {
	lag := func(s Shown) float64 {
		if s.State == Dropped || s.Latest == nil {
			return -1e18
		}
		n := s.Latest.Wanted - *s.Latest.Value
		if s.Target < s.StartValue {
			n = -n
		}
		return n
	}
	switch x, y := lag(a), lag(b); {
	case x > y:
		return -1
	case x < y:
		return 1
	}
	return strings.Compare(a.UnitName+a.PersonName, b.UnitName+b.PersonName)
}

// Lagging lists the customers that hold a goal back, within reach. Fault: goal.not_found.
func (b *Book) Lagging(ctx context.Context, reach access.Reach, goalID id.ID) (Lags, error) {
	g, err := b.store.get(ctx, b.store.db.Read(), reach, goalID)
	if err != nil {
		return Lags{}, err
	}
	return b.read.lagging(ctx, reach, g)
}

// Form is what people say of a new goal.
type Form struct {
	Title     string    `json:"title" minLength:"1" maxLength:"200"`
	What      What      `json:"what"`
	UnitID    id.ID     `json:"unit_id,omitempty"`
	PersonID  id.ID     `json:"person_id,omitempty"`
	StartAsOf date.Date `json:"start_as_of,omitempty" doc:"A scored date; absent for the latest."`
	Target    float64   `json:"target"`
	DueOn     date.Date `json:"due_on"`
}

// begin completes a goal with the value it starts from and checks it.
func (b *Book) begin(ctx context.Context, reach access.Reach, f Form) (*Goal, error) {
	for path, one := range map[string]id.ID{"unit_id": f.UnitID, "person_id": f.PersonID} {
		if one != "" && !id.Valid(string(one)) {
			return nil, fault.New(fault.Malformed, "goal.malformed_id", "%.60q is not the id of a record.", string(one)).At(path, "Choose one of the list.")
		}
	}
	v, err := b.read.Versions.Find(ctx, f.StartAsOf)
	if err != nil {
		return nil, err
	}
	g := &Goal{Title: f.Title, What: f.What, UnitID: f.UnitID, PersonID: f.PersonID, StartAsOf: v.AsOf, Target: f.Target, DueOn: f.DueOn}
	if g.PersonID != "" && g.UnitID == "" {
		seats, err := b.read.Organisation.PeopleAsOf(ctx, v.AsOf)
		if err != nil {
			return nil, err
		}
		g.UnitID = seats[g.PersonID]
	}
	if err := b.mine(ctx, reach, g); err != nil {
		return nil, err
	}
	set, err := b.read.Measures.In(v)
	if err != nil {
		return nil, err
	}
	if err := g.validate(set); err != nil {
		return nil, err
	}
	_, value, err := b.read.start(ctx, g)
	if err != nil {
		return nil, err
	}
	if value != nil {
		g.StartValue = *value
	}
	return g, nil
}

// mine refuses a goal for others than those within reach.
func (b *Book) mine(ctx context.Context, reach access.Reach, g *Goal) error {
	names, err := b.read.Organisation.Names(ctx)
	if err != nil {
		return err
	}
	_, unit := names.Units[g.UnitID]
	_, person := names.People[g.PersonID]
	c := fault.Check("goal.invalid").
		That(g.UnitID == "" || unit, "unit_id", "There is no such unit; choose one of the list.").
		That(g.PersonID == "" || person, "person_id", "There is no such person; choose one of the list.")
	if err := c.Err(); err != nil {
		return err
	}
	return fault.Check("goal.beyond_reach").That(reach.Covers(g.UnitID, g.PersonID), "unit_id", "Choose your own unit or one below it.").Err()
}

// Preview tells what a goal would start from; nothing is kept. Faults: goal.invalid with every place, goal.beyond_reach.
func (b *Book) Preview(ctx context.Context, reach access.Reach, f Form) (*Goal, error) {
	return b.begin(ctx, reach, f)
}

// Create keeps a goal. Faults as of Preview.
func (b *Book) Create(ctx context.Context, reach access.Reach, f Form) (Shown, error) {
	g, err := b.begin(ctx, reach, f)
	if err != nil {
		return Shown{}, err
	}
	if err := b.store.create(ctx, g); err != nil {
		return Shown{}, err
	}
	return b.Get(ctx, reach, g.ID)
}

// Change is what people change of a goal; nil fields stay.
type Change struct {
	Title  *string    `json:"title,omitempty" maxLength:"200"`
	Target *float64   `json:"target,omitempty"`
	DueOn  *date.Date `json:"due_on,omitempty"`
	Drop   *string    `json:"drop,omitempty" maxLength:"500" doc:"The reason for which the goal and its parts are dropped."`
}

// Update changes a goal when its version is still the one that was read. Its parts follow: they keep their proportions, so that
// they still make the whole, and its day is theirs. The target of a part stands in the split of the goal
// above it. Faults: goal.not_found, goal.invalid, goal.is_part, goal.dropped.
func (b *Book) Update(ctx context.Context, reach access.Reach, goalID id.ID, version int64, c Change) (Shown, error) {
	before, err := b.store.get(ctx, b.store.db.Read(), reach, goalID)
	if err != nil {
		return Shown{}, err
	}
	v, err := b.read.Versions.Find(ctx, "")
	if err != nil {
		return Shown{}, err
	}
	set, err := b.read.Measures.In(v)
	if err != nil {
		return Shown{}, err
	}
	err = b.store.change(ctx, reach, before.ID, version, func(ctx context.Context, tx bun.Tx, g *Goal) error {
		if g.DroppedOn != "" {
			return dropped()
		}
		if g.ParentID != "" && (c.Target != nil && *c.Target != g.Target || c.DueOn != nil && *c.DueOn != g.DueOn) {
			return fault.New(fault.Invalid, "goal.is_part", "This goal is a part of another, so its target and day stand there. Change the split of the goal above it.").
				At("target", "Change the split of the goal above.")
		}
		if c.Title != nil {
			g.Title = *c.Title
		}
		if c.Target != nil {
			g.Target = *c.Target
		}
		if c.DueOn != nil {
			g.DueOn = *c.DueOn
		}
		if c.Drop != nil {
			why := strings.TrimSpace(*c.Drop)
			if err := fault.Check("goal.invalid").That(length(why, 1, maxWhy), "drop", "Say why the goal is dropped, in at most %d characters.", maxWhy).Err(); err != nil {
				return err
			}
			return b.store.drop(ctx, tx, g, why)
		}
		if err := g.validate(set); err != nil {
			return err
		}
		return b.store.follow(ctx, tx, g)
	})
	if err != nil {
		return Shown{}, err
	}
	return b.Get(ctx, reach, goalID)
}

// Delete forgets a goal with its parts when its version is still the one that was read. Faults: goal.not_found, goal.is_part.
func (b *Book) Delete(ctx context.Context, reach access.Reach, goalID id.ID, version int64) error {
	return b.store.remove(ctx, reach, goalID, version)
}

// Propose shares a goal out; nothing is kept. What was fixed stands, the rest is spread over the other parts. Faults:
// goal.not_found, goal.sum_kept.
func (b *Book) Propose(ctx context.Context, reach access.Reach, goalID id.ID, by string, fixed []Fixed) (Split, error) {
	g, err := b.store.get(ctx, b.store.db.Read(), reach, goalID)
	if err != nil {
		return Split{}, err
	}
	s, err := b.read.propose(ctx, g, by, fixed)
	if err != nil {
		return s, err
	}
	there, err := b.store.parts(ctx, b.store.db.Read(), g.ID)
	if err != nil {
		return s, err
	}
	for i, p := range s.Parts {
		if o := goalOf(p, there); o != nil {
			s.Parts[i].GoalID = o.ID
		}
	}
	return s, nil
}

// Split keeps the parts of a goal, all of them given, whose sum must stay. Faults: goal.not_found, goal.sum_kept,
// goal.unknown_part, goal.dropped.
func (b *Book) Split(ctx context.Context, reach access.Reach, goalID id.ID, version int64, by string, given []Fixed) (Progress, error) {
	g, err := b.store.get(ctx, b.store.db.Read(), reach, goalID)
	if err != nil {
		return Progress{}, err
	}
	s, err := b.read.propose(ctx, g, by, nil)
	if err != nil {
		return Progress{}, err
	}
	if len(s.Parts) == 0 {
		return Progress{}, fault.New(fault.Invalid, "goal.no_parts", "There is no unit below this one, and nobody who looks after customers here, to share the goal out to.")
	}
	for _, f := range given {
		if !slices.ContainsFunc(s.Parts, f.is) {
			return Progress{}, fault.New(fault.Invalid, "goal.unknown_part", "One of the parts is no longer there. Load the proposal again.")
		}
	}
	if !s.Level {
		for i := range s.Parts {
			if !slices.ContainsFunc(given, func(f Fixed) bool { return f.is(s.Parts[i]) }) {
				given = append(given, Fixed{s.Parts[i].UnitID, s.Parts[i].PersonID, s.Parts[i].Direct, 0})
			}
		}
		if err := s.share(g.Target, given); err != nil {
			return Progress{}, err
		}
	}
	if err := b.store.split(ctx, reach, g, version, s.Parts); err != nil {
		return Progress{}, err
	}
	return b.Progress(ctx, reach, goalID)
}
