package intake

import (
	"context"
	"slices"

	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/tabular"
)

// What words need that bring tables of their own, from a database and not from an uploaded file.

// PreviewTable is Preview of a table that was not stored: its columns and first rows. name is a hint for the kind.
func (in *Intake) PreviewTable(columns []string, rows [][]string, name, kind, mappingText string) (Preview, error) {
	p := preview(tabular.Describe(columns, rows), kind)
	if mappingText != "" {
		return p, in.useMapping(&p, mappingText)
	}
	return p, in.propose(&p, tabular.Describe(columns, rows), name)
}

// CheckMapping refuses a mapping whose kind is not known or does not have its fields.
func (in *Intake) CheckMapping(m Mapping) error {
	kind, ok := in.kinds[m.Kind]
	if !ok {
		return in.unknownKind(m.Kind)
	}
	return m.CheckFields(kind.Target())
}

// Order is the place of a kind in the order in which kinds should be imported: what others refer to first.
func (in *Intake) Order(kind string) int { return slices.Index(in.kindKeys(), kind) }

// Import returns an import; NotFound when there is none.
func (in *Intake) Import(ctx context.Context, importID id.ID) (Import, error) {
	return in.store.get(ctx, importID)
}
