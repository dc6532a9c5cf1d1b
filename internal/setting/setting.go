// Package setting keeps what the company decides once for everybody: its name and the currency it counts in. Words keep
// settings of their own through [Store.Get] and [Store.Put].
package setting

import (
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/money"
)

// General is what concerns everything: who uses this installation, and in which currency it counts.
type General struct {
	Name         string `json:"company" maxLength:"200" doc:"The company's name, as it stands above every page"`
	BaseCurrency string `json:"base_currency" minLength:"3" maxLength:"3" doc:"ISO code of the currency in which all amounts are counted"`
	Demo         bool   `json:"demo" readOnly:"true" doc:"Whether the data is the demo company's"`
}

// Validate returns a fault that names every field that cannot stand.
func (c General) Validate() error {
	check := fault.Check("setting.invalid").That(strings.TrimSpace(c.Name) != "", "company", "Give the company's name.")
	if err := money.ValidCurrency(c.BaseCurrency); err != nil {
		check.That(false, "base_currency", "%v.", err)
	}
	return check.Err()
}
