package pyramid

import "github.com/kvadrant/kvadrant/internal/setting"

// Definitions keeps the definition of the pyramid.
type Definitions = setting.Kept[Definition]

// NewDefinitions returns the keeper of the definition.
func NewDefinitions(settings setting.Settings) *Definitions {
	return setting.NewKept(settings, "pyramid", "the pyramid", DefaultDefinition)
}
