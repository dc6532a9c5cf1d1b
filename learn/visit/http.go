package visit

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/learn/matrix"
)

// Routes adds the routes of the visit view.
func Routes(api *web.API, q *Questions, definitions *Definitions) {
	web.Handle(api, access.MatrixRead, web.Route{Method: http.MethodGet, Path: "/matrix/visits", Name: "matrix_visits",
		Summary: "Customers of any matrix by the days since their last contact, and who is overdue"},
		func(ctx context.Context, in *struct {
			matrix.NarrowInput
			Matrix string `query:"matrix" maxLength:"31" doc:"Its key; absent for the customer matrix"`
		}) (*web.Body[Picture], error) {
			if err := in.Check(); err != nil {
				return nil, err
			}
			n := in.Narrow()
			n.Matrix = in.Matrix
			p, err := q.Picture(ctx, access.ReachOf(ctx), in.AsOf, n)
			if err != nil {
				return nil, err
			}
			return web.Answer(p), nil
		})
	definitions.Routes(api,
		access.MeasureRead, web.Route{Path: "/visits/definition", Name: "visit_definition", Summary: "What counts as contact, and how soon customers of each cell are to be contacted again"},
		access.MeasureDefine, web.Route{Path: "/visits/definition", Name: "visit_define",
			Summary: "Change what counts as contact and the norms; it counts from the next scoring on"})
}
