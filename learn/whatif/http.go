package whatif

import (
	"context"
	"net/http"
	"strings"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/learn/matrix"
)

// Input is a scenario in the address.
type Input struct {
	matrix.NarrowInput
	From      string  `query:"from" required:"true" maxLength:"40" doc:"The cell of the customers, such as gold_bubble"`
	Customers int64   `query:"customers" minimum:"1" maximum:"100000" default:"1" doc:"So many average customers of the cell; unless some are chosen"`
	Chosen    string  `query:"chosen" maxLength:"2000" doc:"Ids of customers of the cell, apart by commas"`
	To        string  `query:"to" maxLength:"40" doc:"The cell they are to be in, such as gold_sailer; this or share"`
	Share     float64 `query:"share" minimum:"0" maximum:"1" doc:"The customer share they are to have, 0.5 for 50 %"`
}

func (in Input) scenario() Scenario {
	s := Scenario{From: in.From, Customers: in.Customers, To: in.To, Share: in.Share}
	for c := range strings.SplitSeq(in.Chosen, ",") {
		if c = strings.TrimSpace(c); c != "" {
			s.Chosen = append(s.Chosen, id.ID(c))
		}
	}
	return s
}

// Routes adds the route of scenarios.
func Routes(api *web.API, q *Questions) {
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrix/what-if", Name: "matrix_what_if",
		Summary: "What it would bring to make some customers of a cell customers of another"},
		func(ctx context.Context, in *Input) (*web.Body[Answer], error) {
			if err := in.Check(); err != nil {
				return nil, err
			}
			a, err := q.WhatIf(ctx, access.ReachOf(ctx), in.AsOf, in.Narrow(), in.scenario())
			if err != nil {
				return nil, err
			}
			return web.Answer(a), nil
		})
}
