package visit

import "github.com/kvadrant/kvadrant/internal/setting"

// Definitions keeps the definition of contact.
type Definitions = setting.Kept[Definition]

// NewDefinitions returns the keeper of the definition.
func NewDefinitions(settings setting.Settings) *Definitions {
	return setting.NewKept(settings, "visit", "visits", DefaultDefinition)
}
