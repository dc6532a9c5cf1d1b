package segment

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/web"
)

// Gathering says which customers come into a frozen segment.
type Gathering struct {
	From  *Listed  `json:"from,omitempty" doc:"Those of a list as they stand in it now."`
	Codes []string `json:"codes,omitempty" maxItems:"20000" doc:"Those with these codes."`
	Add   []id.ID  `json:"add,omitempty" maxItems:"500" doc:"These."`
}

// Listed is a list of customers.
type Listed struct {
	AsOf date.Date    `json:"as_of,omitempty" doc:"A scored date; absent for the latest."`
	Rule *filter.Tree `json:"rule,omitempty" doc:"Who is in the list; absent for everybody within reach."`
}

// gathered is what came of it.
type gathered struct {
	Added        int64    `json:"added"`
	Removed      int64    `json:"removed"`
	Unknown      []string `json:"unknown" nullable:"false" doc:"The first 100 codes that no customer within your reach has."`
	UnknownCodes int      `json:"unknown_codes" doc:"How many such codes there are."`
}

// toldUnknown is how many unknown codes are told.
const toldUnknown = 100

func (w *gathered) tell(unknown []string) {
	w.UnknownCodes, w.Unknown = len(unknown), unknown[:min(len(unknown), toldUnknown)]
	if w.Unknown == nil {
		w.Unknown = []string{}
	}
}

// gather finds the customers, all of them within reach.
func (b *Book) gather(ctx context.Context, reach access.Reach, in Gathering) (ids []id.ID, way Way, unknown []string, err error) {
	way = ByHand
	if in.Codes != nil {
		way = FromCodes
		var codes []string
		for _, c := range in.Codes {
			if c = strings.TrimSpace(c); c != "" {
				codes = append(codes, c)
			}
		}
		if ids, unknown, err = b.store.byCode(ctx, reach, codes); err != nil {
			return nil, way, nil, err
		}
	}
	if in.From != nil {
		way = FromList
		if err := web.CheckDate("segment", "as_of", in.From.AsOf); err != nil {
			return nil, way, nil, err
		}
		found, err := b.meeting(ctx, reach, in.From.AsOf, in.From.Rule)
		if err != nil {
			return nil, way, nil, err
		}
		ids = append(ids, found...)
	}
	ids = append(ids, in.Add...)
	for _, one := range in.Add {
		if !id.Valid(string(one)) {
			return nil, way, nil, fault.New(fault.Malformed, "segment.malformed_id", "%.60q is not the id of a customer.", string(one))
		}
	}
	slices.Sort(ids)
	ids, err = b.store.still(ctx, reach, slices.Compact(ids))
	return ids, way, unknown, err
}

type createInput struct {
	Body struct {
		Name        string       `json:"name" maxLength:"200"`
		Description string       `json:"description,omitempty" maxLength:"4000"`
		Kind        Kind         `json:"kind" enum:"live,frozen"`
		Shared      bool         `json:"shared,omitempty"`
		Rule        *filter.Tree `json:"rule,omitempty"`
		Gathering
	}
}

// created is a new segment, and what became of the customers that were to come into it.
type created struct {
	Segment Shown    `json:"segment"`
	Members gathered `json:"members"`
}

type changeInput struct {
	web.IfMatch
	ID   id.ID `path:"id" format:"uuid"`
	Body struct {
		Name        *string      `json:"name,omitempty" maxLength:"200"`
		Description *string      `json:"description,omitempty" maxLength:"4000"`
		Shared      *bool        `json:"shared,omitempty"`
		Rule        *filter.Tree `json:"rule,omitempty"`
	}
}

type membersInput struct {
	web.IfMatch
	ID   id.ID `path:"id" format:"uuid"`
	Body struct {
		Gathering
		Remove []id.ID `json:"remove,omitempty" maxItems:"500"`
	}
}

type oneInput struct {
	ID id.ID `path:"id" format:"uuid"`
}

type movesInput struct {
	web.PageInput
	ID      id.ID     `path:"id" format:"uuid"`
	AsOf    date.Date `query:"as_of" required:"true" doc:"A date of the segment's history"`
	Entered bool      `query:"entered" doc:"Who came in; else who went out"`
}

type previewInput struct {
	Body struct {
		AsOf date.Date   `json:"as_of,omitempty"`
		Rule filter.Tree `json:"rule"`
	}
}

type ofInput struct {
	CustomerID id.ID `path:"customer_id" format:"uuid"`
}

// Named is a segment by its name.
type Named struct {
	ID     id.ID  `json:"id"`
	Name   string `json:"name"`
	Kind   Kind   `json:"kind" enum:"live,frozen"`
	Shared bool   `json:"shared"`
}

// Routes adds the routes of segments; the runner works out what a changed rule means for the past.
func (b *Book) Routes(api *web.API, r *job.Runner) {
	web.Handle(api, access.SegmentRead, web.Route{Method: http.MethodGet, Path: "/segments", Name: "segment_list",
		Summary: "The shared segments and your own, by name"},
		func(ctx context.Context, _ *struct{}) (*web.Body[web.Page[Shown]], error) {
			all, err := b.List(ctx, access.ReachOf(ctx))
			return web.PageOf(all, len(all), nil), err
		})
	web.Handle(api, access.SegmentRead, web.Route{Method: http.MethodGet, Path: "/segments/{id}", Name: "segment_get", Summary: "One segment"},
		func(ctx context.Context, in *oneInput) (*web.Record[Shown], error) {
			s, err := b.Get(ctx, access.ReachOf(ctx), in.ID)
			return web.Versioned(s, s.Version), err
		})
	web.Handle(api, access.SegmentRead, web.Route{Method: http.MethodPost, Path: "/segments/preview", Name: "segment_preview", MaxBody: filter.MaxTree,
		Summary: "How many customers a rule means"},
		func(ctx context.Context, in *previewInput) (*web.Body[Preview], error) {
			if err := web.CheckDate("segment", "as_of", in.Body.AsOf); err != nil {
				return nil, err
			}
			p, err := b.Preview(ctx, access.ReachOf(ctx), in.Body.AsOf, in.Body.Rule)
			return web.Answer(p), err
		})
	web.Handle(api, access.SegmentRead, web.Route{Method: http.MethodGet, Path: "/segments/{id}/history", Name: "segment_history",
		Summary: "The size of a segment over time"},
		func(ctx context.Context, in *oneInput) (*web.Body[History], error) {
			h, err := b.History(ctx, access.ReachOf(ctx), in.ID)
			return web.Answer(h), err
		})
	web.Handle(api, access.SegmentRead, web.Route{Method: http.MethodGet, Path: "/segments/{id}/moves", Name: "segment_moves",
		Summary: "Who entered or left a segment on a date, and why"}, b.listMoves)
	web.Handle(api, access.SegmentRead, web.Route{Method: http.MethodGet, Path: "/customers/{customer_id}/segments", Name: "customer_segments",
		Summary: "The segments that a customer is in"},
		func(ctx context.Context, in *ofInput) (*web.Body[web.Page[Named]], error) {
			all, err := b.Of(ctx, access.ReachOf(ctx), in.CustomerID)
			named := make([]Named, len(all))
			for i, g := range all {
				named[i] = Named{g.ID, g.Name, g.Kind, g.Shared}
			}
			return web.PageOf(named, len(named), nil), err
		})
	b.writeRoutes(api, r)
}

func (b *Book) listMoves(ctx context.Context, in *movesInput) (*web.Body[web.Page[Move]], error) {
	if !in.AsOf.Valid() {
		return nil, web.MalformedDate("segment", "as_of")
	}
	q := MoveQuery{AsOf: in.AsOf, Entered: in.Entered, Limit: in.Limit}
	after, err := filter.ParseCursor(in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	if after != nil {
		q.After = after[0]
	}
	moves, next, err := b.Moves(ctx, access.ReachOf(ctx), in.ID, q)
	if err != nil {
		return nil, err
	}
	page := web.Page[Move]{Items: moves}
	if next != nil {
		page.Next = filter.Cursor(next)
	}
	return web.Answer(page), nil
}

func (b *Book) writeRoutes(api *web.API, r *job.Runner) {
	web.Handle(api, access.SegmentWrite, web.Route{Method: http.MethodPost, Path: "/segments", Name: "segment_create", Status: http.StatusCreated,
		Summary: "Keep customers as a segment: a live rule, or those of now"},
		func(ctx context.Context, in *createInput) (*web.Record[created], error) {
			g := &Segment{Name: in.Body.Name, Description: in.Body.Description, Kind: in.Body.Kind, Shared: in.Body.Shared, Rule: in.Body.Rule}
			c, err := b.create(ctx, access.ReachOf(ctx), g, in.Body.Gathering)
			if err != nil {
				return nil, err
			}
			return web.Versioned(c, g.Version), b.follow(ctx, r, g)
		})
	web.Handle(api, access.SegmentWrite, web.Route{Method: http.MethodPatch, Path: "/segments/{id}", Name: "segment_update", MaxBody: filter.MaxTree, Summary: "Change a segment"},
		func(ctx context.Context, in *changeInput) (*web.Record[Shown], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			g, err := b.update(ctx, access.ReachOf(ctx), version, in)
			if err != nil {
				return nil, err
			}
			if err := b.follow(ctx, r, g); err != nil {
				return nil, err
			}
			s, err := b.Get(ctx, access.ReachOf(ctx), g.ID)
			return web.Versioned(s, s.Version), err
		})
	web.Handle(api, access.SegmentWrite, web.Route{Method: http.MethodDelete, Path: "/segments/{id}", Name: "segment_delete", Summary: "Delete a segment; its customers stay customers"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			ID id.ID `path:"id" format:"uuid"`
		}) (*struct{}, error) {
			if _, err := b.store.get(ctx, b.store.db.Read(), access.From(ctx), in.ID); err != nil {
				return nil, err
			}
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			return nil, b.store.remove(ctx, access.From(ctx), access.ReachOf(ctx), in.ID, version)
		})
	web.Handle(api, access.SegmentWrite, web.Route{Method: http.MethodPost, Path: "/segments/{id}/members", Name: "segment_members",
		Summary: "Add customers to a frozen segment and remove others"},
		func(ctx context.Context, in *membersInput) (*web.Record[gathered], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			g, done, err := b.move(ctx, access.ReachOf(ctx), version, in)
			if err != nil {
				return nil, err
			}
			return web.Versioned(done, g.Version), b.follow(ctx, r, g)
		})
}

func (b *Book) create(ctx context.Context, reach access.Reach, g *Segment, in Gathering) (created, error) {
	p := access.From(ctx)
	g.Normalise()
	g.OwnerID = p.UserID
	if err := g.Validate(); err != nil {
		return created{}, err
	}
	if err := b.check(ctx, g); err != nil {
		return created{}, err
	}
	var c created
	var ids []id.ID
	var way Way
	c.Members.tell(nil)
	if g.Kind == Frozen {
		var unknown []string
		var err error
		if ids, way, unknown, err = b.gather(ctx, reach, in); err != nil {
			return c, err
		}
		if len(ids) > MostMembers {
			return c, tooMany(int64(len(ids)))
		}
		c.Members.tell(unknown)
		c.Members.Added = int64(len(ids))
	}
	if err := b.store.create(ctx, p, g, ids, way); err != nil {
		return c, err
	}
	var err error
	c.Segment, err = b.Get(ctx, reach, g.ID)
	return c, err
}

func (b *Book) update(ctx context.Context, reach access.Reach, version int64, in *changeInput) (*Segment, error) {
	p := access.From(ctx)
	before, err := b.store.get(ctx, b.store.db.Read(), p, in.ID)
	if err != nil {
		return nil, err
	}
	apply := func(g *Segment) error {
		for to, from := range map[*string]*string{&g.Name: in.Body.Name, &g.Description: in.Body.Description} {
			if from != nil {
				*to = *from
			}
		}
		if in.Body.Shared != nil {
			g.Shared = *in.Body.Shared
		}
		if in.Body.Rule != nil {
			g.Rule = in.Body.Rule
		}
		g.Normalise()
		return g.Validate()
	}
	tried := *before
	if err := apply(&tried); err != nil {
		return nil, err
	}
	if in.Body.Rule != nil || in.Body.Shared != nil {
		if err := b.check(ctx, &tried); err != nil {
			return nil, err
		}
	}
	return b.store.update(ctx, p, reach, in.ID, version, apply)
}

func (b *Book) move(ctx context.Context, reach access.Reach, version int64, in *membersInput) (*Segment, gathered, error) {
	var done gathered
	p := access.From(ctx)
	if _, err := b.store.get(ctx, b.store.db.Read(), p, in.ID); err != nil {
		return nil, done, err
	}
	ids, way, unknown, err := b.gather(ctx, reach, in.Body.Gathering)
	if err != nil {
		return nil, done, err
	}
	out, _, _, err := b.gather(ctx, reach, Gathering{Add: in.Body.Remove})
	if err != nil {
		return nil, done, err
	}
	done.tell(unknown)
	var g *Segment
	g, done.Added, done.Removed, err = b.store.change(ctx, p, reach, in.ID, version, ids, way, out)
	return g, done, err
}

// follow brings a change to the warehouse: members at once, and as a job what it means for the past of live segments.
func (b *Book) follow(ctx context.Context, r *job.Runner, g *Segment) error {
	if err := b.cfg.CatchUp(ctx); err != nil && !fault.Is(err, fault.Unavailable) {
		return err
	}
	library, err := b.library(ctx)
	if err != nil {
		return err
	}
	concerns := g.Kind == Live
	for _, o := range library {
		concerns = concerns || slices.Contains(o.uses(), g.ID)
	}
	if !concerns {
		return nil
	}
	_, err = r.Submit(ctx, spec(g.Name))
	return err
}
