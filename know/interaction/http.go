package interaction

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// handlers answers the routes of this word.
type handlers struct {
	diary     *Diary
	customers Customers
}

// Routes adds the interactions with a customer to the interface. A customer out of the asker's reach is NotFound.
func Routes(api *web.API, diary *Diary, customers Customers) {
	h := handlers{diary: diary, customers: customers}
	web.Handle(api, access.InteractionRead, web.Route{Method: http.MethodGet, Path: "/customers/{id}/interactions", Name: "interaction_list",
		Summary: "The interactions with a customer, newest first"}, h.getList)
}

type listInput struct {
	web.PageInput
	ID id.ID `path:"id" format:"uuid"`
}

func (h handlers) getList(ctx context.Context, in *listInput) (*web.Body[web.Page[Interaction]], error) {
	if err := h.customers.Within(ctx, access.ReachOf(ctx), in.ID); err != nil {
		return nil, err
	}
	after, err := afterInteraction(in.Cursor)
	if err != nil {
		return nil, err
	}
	list, err := h.diary.List(ctx, in.ID, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return web.PageOf(list, in.Limit, func(last Interaction) string { return filter.Cursor(last.Date, last.ImportNo, last.RowNo) }), nil
}

// afterInteraction reads a cursor: the date, import number and row number of an interaction. They are checked, since the
// engine compares them as a date and as numbers.
func afterInteraction(cursor string) ([]any, error) {
	after, err := filter.ParseCursor(cursor, 3)
	if err != nil || after == nil {
		return nil, err
	}
	day, isText := after[0].(string)
	_, isImport := after[1].(int64)
	_, isRow := after[2].(int64)
	if !isText || !date.Date(day).Valid() || !isImport || !isRow {
		return nil, fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
	}
	return []any{date.Date(day), after[1], after[2]}, nil
}
