package wallet

import "github.com/kvadrant/kvadrant/internal/setting"

// Definitions keeps the definition of potential.
type Definitions = setting.Kept[Definition]

// NewDefinitions returns the keeper of the definition.
func NewDefinitions(settings setting.Settings) *Definitions {
	return setting.NewKept(settings, "wallet", "potential", DefaultDefinition)
}
