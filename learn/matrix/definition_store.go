package matrix

import (
	"context"

	"github.com/kvadrant/kvadrant/internal/setting"
)

// Definitions keeps the definition of the matrix.
type Definitions struct{ *setting.Kept[Definition] }

// NewDefinitions returns the keeper of the definition.
func NewDefinitions(settings setting.Settings) *Definitions {
	return &Definitions{setting.NewKept(settings, "matrix", "the matrix", Default)}
}

// WindowMonths tells the scoring how many months count.
func (d *Definitions) WindowMonths(ctx context.Context) (int, error) {
	def, _, err := d.Get(ctx)
	return def.WindowMonths, err
}
