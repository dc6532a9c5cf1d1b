package rule

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/web"
)

// Shown is a rule as the interface shows it.
type Shown struct {
	Rule
	Mistake *Mistake `json:"mistake" doc:"Why the rule is left out of the next scoring; null when it counts."`
}

// Listing is all rules in their order, and what they can be made of.
type Listing struct {
	Rules     []Shown    `json:"rules" nullable:"false"`
	Names     []Name     `json:"names" nullable:"false" doc:"What a first rule can speak of; each rule can also use those before it."`
	Functions []Function `json:"functions" nullable:"false"`
	Most      int        `json:"most" doc:"How many rules there can be."`
}

func (t *Tester) listing(book Book) Listing {
	all := Listing{Rules: []Shown{}, Names: names(t.measures), Functions: Functions(), Most: Most}
	for _, l := range compile(book, t.measures) {
		all.Rules = append(all.Rules, Shown{Rule: l.rule.Rule, Mistake: l.mistake})
	}
	return all
}

// Form is all rules, in their order.
type Form struct {
	Rules []Rule `json:"rules" nullable:"false" maxItems:"20"`
}

// Routes adds the routes of the rules.
func Routes(api *web.API, s *Store, t *Tester) {
	web.Handle(api, access.MeasureDefine, web.Route{Method: http.MethodGet, Path: "/rules", Name: "rule_list",
		Summary: "The measures that the company defined, in their order"},
		func(ctx context.Context, _ *struct{}) (*web.Record[Listing], error) {
			book, version, err := s.Get(ctx)
			if err != nil {
				return nil, err
			}
			return web.Versioned(t.listing(book), version), nil
		})
	web.Handle(api, access.MeasureDefine, web.Route{Method: http.MethodPut, Path: "/rules", Name: "rule_put",
		Summary: "Change the measures that the company defined; they count from the next scoring on"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			Body Form
		}) (*web.Record[Listing], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			book, version, err := s.Put(ctx, version, in.Body.Rules, t.measures)
			if err != nil {
				return nil, err
			}
			return web.Versioned(t.listing(book), version), nil
		})
	web.Handle(api, access.MeasureDefine, web.Route{Method: http.MethodPost, Path: "/rules/preview", Name: "rule_preview",
		Summary: "What the last of these rules would give for all customers"},
		func(ctx context.Context, in *struct{ Body Form }) (*web.Body[Preview], error) {
			p, err := t.Preview(ctx, access.ReachOf(ctx), in.Body.Rules)
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
}
