package clv

import (
	"context"

	"github.com/kvadrant/kvadrant/internal/setting"
)

// Definitions keeps the definition of lifetime value.
type Definitions = setting.Kept[Definition]

// NewDefinitions returns the keeper of the definition.
func NewDefinitions(settings setting.Settings) *Definitions {
	return setting.NewKept(settings, "lifetime", "lifetime value", DefaultDefinition)
}

// AcquisitionCost returns who reads what it costs to win a customer, in minor units; other words count with it too.
func AcquisitionCost(definitions *Definitions) func(ctx context.Context) (int64, error) {
	return func(ctx context.Context) (int64, error) {
		def, _, err := definitions.Get(ctx)
		return def.Acquisition, err
	}
}

// Interest returns who reads the interest of a year, as a share; other words discount with it too.
func Interest(definitions *Definitions) func(ctx context.Context) (float64, error) {
	return func(ctx context.Context) (float64, error) {
		def, _, err := definitions.Get(ctx)
		return def.Interest, err
	}
}
