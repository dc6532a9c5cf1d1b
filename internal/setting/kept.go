package setting

import (
	"context"
	"fmt"
)

// Settings keeps a value under a name, with a version; *Store does.
type Settings interface {
	Get(ctx context.Context, name string, v any) (version int64, err error)
	Put(ctx context.Context, name string, version int64, v any) (int64, error)
}

// Kept is one definition of a word, such as where the matrix is cut, kept among the settings.
type Kept[T interface{ Validate() error }] struct {
	settings   Settings
	name, what string
	otherwise  func() T
}

// NewKept returns the keeper of the definition that stands under name; what names it in errors, and otherwise gives it as
// long as nobody changed it.
func NewKept[T interface{ Validate() error }](settings Settings, name, what string, otherwise func() T) *Kept[T] {
	return &Kept[T]{settings: settings, name: name, what: what, otherwise: otherwise}
}

// Get returns the definition and its version, 0 as long as it is the default.
func (k *Kept[T]) Get(ctx context.Context) (T, int64, error) {
	var kept, none T
	version, err := k.settings.Get(ctx, k.name, &kept)
	if err != nil {
		return none, 0, fmt.Errorf("read the definition of %s: %w", k.what, err)
	}
	if version == 0 {
		return k.otherwise(), 0, nil
	}
	return kept, version, nil
}

// Put changes the definition when its version is still the one that was read. It counts from the next scoring on.
func (k *Kept[T]) Put(ctx context.Context, version int64, v T) (int64, error) {
	if err := v.Validate(); err != nil {
		return 0, err
	}
	next, err := k.settings.Put(ctx, k.name, version, v)
	if err != nil {
		return 0, fmt.Errorf("change the definition of %s: %w", k.what, err)
	}
	return next, nil
}
