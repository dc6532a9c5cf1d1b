package clv

import (
	"context"
	"fmt"
)

// settingName is where the definition is kept among the settings.
const settingName = "lifetime"

// Settings keeps a value under a name, with a version; setting.Store does.
type Settings interface {
	Get(ctx context.Context, name string, v any) (version int64, err error)
	Put(ctx context.Context, name string, version int64, v any) (int64, error)
}

// Definitions keeps the definition of lifetime value.
type Definitions struct{ settings Settings }

// NewDefinitions returns the keeper of the definition.
func NewDefinitions(settings Settings) *Definitions { return &Definitions{settings: settings} }

// Get returns the definition and its version, 0 as long as it is the default.
func (d *Definitions) Get(ctx context.Context) (Definition, int64, error) {
	var kept Definition
	version, err := d.settings.Get(ctx, settingName, &kept)
	if err != nil {
		return Definition{}, 0, fmt.Errorf("read the definition of lifetime value: %w", err)
	}
	if version == 0 {
		return DefaultDefinition(), 0, nil
	}
	return kept, version, nil
}

// Put changes the definition when its version is still the one that was read. It counts from the next scoring on.
func (d *Definitions) Put(ctx context.Context, version int64, def Definition) (int64, error) {
	if err := def.Validate(); err != nil {
		return 0, err
	}
	next, err := d.settings.Put(ctx, settingName, version, def)
	if err != nil {
		return 0, fmt.Errorf("change the definition of lifetime value: %w", err)
	}
	return next, nil
}
