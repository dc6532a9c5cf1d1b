// Package interaction is every touch between the company and a customer: a visit, a call, an e-mail, whoever began it.
//
// Interactions are facts: they live in the warehouse alone and come from imports.
package interaction

import (
	"context"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Customers says whether a customer exists within somebody's reach; know/customer implements it.
type Customers interface {
	// Within returns a NotFound fault unless the customer exists and the reach covers it.
	Within(ctx context.Context, reach access.Reach, customer id.ID) error
}

// Interaction is one touch.
type Interaction struct {
	Date       date.Date `json:"date"`
	Kind       string    `json:"kind" doc:"Such as visit, call or email; in lower case"`
	PersonName string    `json:"person_name"`
	Minutes    *int64    `json:"minutes" doc:"null is unknown"`
	Result     string    `json:"result"`
	Note       string    `json:"note"`
	ImportNo   int64     `json:"-"` // with RowNo unique, but not the same again when the warehouse was rebuilt
	RowNo      int64     `json:"-"`
}
