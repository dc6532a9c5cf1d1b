package survival

import "github.com/kvadrant/kvadrant/internal/setting"

// Definitions keeps the definition of contracts.
type Definitions = setting.Kept[Definition]

// NewDefinitions returns the keeper of the definition.
func NewDefinitions(settings setting.Settings) *Definitions {
	return setting.NewKept(settings, "contracts", "contracts", DefaultDefinition)
}
