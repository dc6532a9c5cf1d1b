package loyalty

import "github.com/kvadrant/kvadrant/internal/setting"

// Definitions keeps the definition of loyalty.
type Definitions = setting.Kept[Definition]

// NewDefinitions returns the keeper of the definition.
func NewDefinitions(settings setting.Settings) *Definitions {
	return setting.NewKept(settings, "loyalty", "loyalty", DefaultDefinition)
}
